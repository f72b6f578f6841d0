{% macro parse_raw_time(table, column, relation) -%}
    {%- set family = families_as_read(table, relation)[column] -%}
    {%- if family == 'text' -%}
        {{ parse_time(clean_text('cast(' ~ column ~ ' as ' ~ dbt.type_string() ~ ')'), family) }}
    {%- else -%}
        {{ parse_time(column, family) }}
    {%- endif -%}
{%- endmacro %}
