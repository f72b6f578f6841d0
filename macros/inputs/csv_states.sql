{#
    Every line that is not blank, with `record_number`, `was_open` (a value goes on from the line before), `is_open`
    (one goes on in the next line), what it is (`opens`, `closes` …, see csv_patterns) and `opened_on`, the line that
    opened the latest value. Right up to the first broken quote, which is an error or a record of its own.

    A line that opens a value and cannot close one leaves it open whatever was before, one that closes and cannot open
    leaves none open; a line that could do either turns what was. So the state is that of the last line of the first two
    sorts, turned by the lines of the third sort since.
#}
{% macro csv_states(file, encoding, header_line, delimiter, fields) -%}
    {%- set patterns = csv_patterns(delimiter, fields) -%}
    {%- set matches = {} -%}
    {%- for name, pattern in patterns.items() -%}
        {%- do matches.update({name: "contains(line, '\"') and regexp_full_match(line, " ~ sql_text(pattern) ~ ')'}) -%}
    {%- endfor %}
        with lines as (
            select line, row_number() over () as line_number from {{ csv_lines(file, encoding) }}
        ),
        sorts as (
            select
                *,
                {{ matches.opens }} as opens,
                {{ matches.closes }} as closes,
                {{ matches.reopens }} as reopens,
                not contains(line, '"') or {{ matches.stays }} as stays
            from lines
            where line is not null and line_number > {{ header_line }}
        ),
        grouped as (
            select *, count(*) filter (opens <> closes) over (order by line_number rows unbounded preceding) as sort
            from sorts
        ),
        after as (
            select
                *,
                (
                    count(*) filter (opens and not closes) over so_far
                    + count(*) filter (opens and closes) over so_far
                ) % 2 = 1 as is_open
            from grouped
            window so_far as (partition by sort order by line_number rows unbounded preceding)
        ),
        before as (
            select *, coalesce(lag(is_open) over (order by line_number), false) as was_open
            from after
        )
        select
            *,
            count(*) filter (not was_open) over so_far as record_number,
            max(line_number) filter (case when was_open then reopens else opens end) over so_far as opened_on
        from before
        window so_far as (order by line_number rows unbounded preceding)
{%- endmacro %}
