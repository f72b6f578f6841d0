{# Plain digits up to 15, beyond that an exponent (a decimal with more digits may be off by its last bit). #}
{% macro sql_number(value) -%}
    {%- if not (value is integer or value is float) or not (value >= -1e308 and value <= 1e308) -%}
        {{ exceptions.raise_compiler_error('sql_number: ' ~ shown_value(value) ~ ' is not a finite number.') }}
    {%- endif -%}
    {%- if value is integer and value | abs < 10 ** 18 -%}
        {%- set literal = value | string -%}
    {%- else -%}
        {%- set literal = value | float | string -%}
        {%- if 'e' not in literal and literal | length > 16 -%}
            {%- set literal = literal ~ 'e0' -%}
        {%- endif -%}
    {%- endif -%}
    {{ return('(' ~ literal ~ ')' if value < 0 else literal) }}
{%- endmacro %}
