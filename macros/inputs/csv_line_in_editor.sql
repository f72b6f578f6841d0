{#- The number of a line as an editor shows it: csv_lines counts the CR and the LF of one line end as two. -#}
{% macro csv_line_in_editor(file, encoding, line_number) -%}
    {%- set found = run_query(
        'select count(*) filter (line is null) as blank,'
        ~ ' coalesce(bool_and(line_number % 2 = 1) filter (line is not null), true) as may_be_crlf'
        ~ ' from (select line, row_number() over () as line_number from '
        ~ csv_lines(file, encoding, ignore_errors=true) ~ ') as lines where line_number < ' ~ line_number
    ).rows[0] -%}
    {%- if found['blank'] == 0 -%}
        {{ return(line_number) }}
    {%- endif -%}
    {%- if csv_size(file) > 100000000 or file.endswith(('.gz', '.zst')) or encoding == 'utf-16' -%}
        {{ return((line_number + 1) // 2 if found['may_be_crlf'] and line_number % 2 == 1 else line_number) }}
    {%- endif -%}
    {{ return(run_query(
        'select count(*) + 1 from (select sum(length(line_end) // 4) over (order by position) as ends from (select'
        ~ ' unnest(line_ends) as line_end, generate_subscripts(line_ends, 1) as position'
        ~ " from (select regexp_extract_all(content::varchar, '\\\\x0D\\\\x0A|\\\\x0D|\\\\x0A') as line_ends"
        ~ ' from read_blob('
        ~ sql_text(glob_literal(file)) ~ ')))) where ends < ' ~ line_number
    ).columns[0].values()[0]) }}
{%- endmacro %}
