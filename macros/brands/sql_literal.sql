{% macro sql_literal(value) -%}
    {%- if value is none -%} null
    {%- elif value is boolean -%} {{- value | string | lower -}}
    {%- elif value is number -%} {{- sql_number(value) -}}
    {%- else -%} {{- sql_text(value) -}}
    {%- endif -%}
{%- endmacro %}
