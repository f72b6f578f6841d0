{#- The first line that is not blank, with its number; no row where there is none. -#}
{% macro csv_first_line(file, encoding) -%}
    {{ return(adapter.dispatch('csv_first_line', 'customer_lifecycle')(file, encoding)) }}
{%- endmacro %}

{% macro default__csv_first_line(file, encoding) -%}
    {{ return(run_query(
        'select line_number, line from (select line, row_number() over () as line_number from '
        ~ csv_lines(file, encoding, ignore_errors=true) ~ ') as lines where line is not null limit 1'
    ).rows) }}
{%- endmacro %}

{#- Names of columns in Latin-1 that are no ASCII would read otherwise, but none of the contract's has any. -#}
{% macro spark__csv_first_line(file, encoding) -%}
    {{ return(run_query(
        "select 1 as line_number, rtrim('\\r', value) as line from text.`" ~ spark_path([file])
        ~ "` where trim(value) <> '' limit 1"
    ).rows) }}
{%- endmacro %}
