{#- All parts of a table as what `from` reads, with the contract's columns; a column that a part lacks is null
    there. -#}
{% macro csv_source(table, found) -%}
    {%- set columns = {} -%}
    {%- set plans = csv_plans(table, found) -%}
    {%- for plan in plans -%}
        {%- for name in plan.names + plan.hive | list -%}
            {%- do columns.update({name: {'name': adapter.quote(name), 'type': 'VARCHAR'}}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set wanted = [] -%}
    {%- for column in raw_tables()[table].columns if column.name in columns -%}
        {%- do wanted.append(column.name) -%}
    {%- endfor -%}
    {%- set selects = [] -%}
    {%- for plan in plans -%}
        {%- do selects.append(csv_values(plan, wanted)) -%}
    {%- endfor -%}
    {{ return({
        'relation': '(\n' ~ selects | join('\n\n    union all\n') ~ '\n) as ' ~ table,
        'columns': columns, 'plans': plans
    }) }}
{%- endmacro %}

{#- How each file of a table is to be read (see csv_plan). -#}
{% macro csv_plans(table, found) -%}
    {%- set plans = [] -%}
    {%- for file in found.files -%}
        {%- set plan = csv_plan(table, file, hive_columns(file, found.base)) -%}
        {%- if plan is not none -%}
            {%- do plans.append(plan) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(plans) }}
{%- endmacro %}

{#- The values of one file. DuckDB's reader is right where every record is; it drops, cuts or swallows some that are
    not, and says nothing. Where there are such records the well-formed ones are taken apart here. -#}
{% macro csv_values(plan, wanted) -%}
    {%- set expressions = [] -%}
    {%- for name in wanted -%}
        {%- if name in plan.names -%}
            {%- set position = plan.names.index(name) -%}
            {%- set value = 'nullif(fields[' ~ (position + 1) ~ "], '')" if plan.has_malformed else 'c' ~ position -%}
            {%- if plan.spans_lines and not plan.has_malformed -%}
                {%- set value = 'regexp_replace(' ~ value ~ ", '[\\r\\n]+', chr(10), 'g')" -%}
            {%- endif -%}
        {%- else -%}
            {%- set value = sql_text(hive_value(plan.hive[name])) if name in plan.hive else 'cast(null as varchar)' -%}
        {%- endif -%}
        {%- do expressions.append(value ~ ' as ' ~ adapter.quote(name)) -%}
    {%- endfor %}
    select {{ expressions | join(', ') or '1 as nothing' }}
    {%- if plan.has_malformed %}
    from (
        select {{ csv_fields('record', plan.delimiter, plan.names | length) }} as fields
        from ({{ csv_records(plan) }}) as records
        where is_well_formed
    ) as split
    {%- else -%}
    {%- set types = [] -%}
    {%- for name in plan.names -%}
        {%- do types.append("'c" ~ loop.index0 ~ "': 'varchar'") -%}
    {%- endfor %}
    from read_csv(
        {{ sql_text(glob_literal(plan.file)) }}, columns = {{ '{' ~ types | join(', ') ~ '}' }},
        auto_detect = false, header = false, skip = {{ plan.header_line }}, delim = {{ sql_text(plan.delimiter) }},
        quote = {{ "'\"'" if plan.has_quotes else "''" }}, escape = {{ "'\"'" if plan.has_quotes else "''" }},
        comment = '', nullstr = '', strict_mode = false, new_line = '\n', encoding = {{ sql_text(plan.encoding) }},
        parallel = false, hive_partitioning = false
    )
    {%- endif -%}
{%- endmacro %}

{#- The records of one file as they stand there, well-formed or not: `record`, `is_well_formed`. -#}
{% macro csv_records(plan) -%}
    {%- set fields = plan.names | length -%}
    {%- if not plan.spans_lines -%}
        select
            line as record,
            {{ csv_is_well_formed('line', plan.delimiter, fields) if plan.has_malformed else 'true' }} as is_well_formed
        from {{ csv_lines(plan.file, plan.encoding, plan.header_line) }}
        where line is not null
    {%- else -%}
        {#- line breaks within a value, however many and of whatever kind, are one line feed -#}
        select
            record,
            {{ csv_is_well_formed('record', plan.delimiter, fields) if plan.has_malformed else 'true' }}
                as is_well_formed
        from (
            select string_agg(line, chr(10) order by line_number) as record
            from ({{ csv_states(plan.file, plan.encoding, plan.header_line, plan.delimiter, fields) }}) as states
            group by record_number
        ) as joined
    {%- endif -%}
{%- endmacro %}

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

{% macro hive_value(text) -%}
    {{ return(none if text == '__HIVE_DEFAULT_PARTITION__' else run_query(
        'select url_decode(' ~ sql_text(text) ~ ')'
    ).columns[0].values()[0]) }}
{%- endmacro %}
