{#- An identifier straight from how it arrived. -#}
{% macro parse_raw_identifier(column, family) -%}
    {%- if family in ['number', 'double'] -%}
        {{ parse_identifier(column, family) }}
    {%- else -%}
        {{ clean_text('cast(' ~ column ~ ' as ' ~ dbt.type_string() ~ ')') }}
    {%- endif -%}
{%- endmacro %}
