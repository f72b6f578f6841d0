{% macro text_to_decimal(expression, precision, scale) -%}
    {{ return(adapter.dispatch('text_to_decimal', 'customer_lifecycle')(expression, precision, scale)) }}
{%- endmacro %}

{% macro default__text_to_decimal(expression, precision, scale) -%}
    try_cast({{ expression }} as decimal({{ precision }}, {{ scale }}))
{%- endmacro %}

{#
    DuckDB rounds a text with an exponent digit by digit (8e-20 becomes 0.0001) and lets some overflow, so the point of
    such a text is moved before the cast.
#}
{% macro duckdb__text_to_decimal(expression, precision, scale) -%}
    {%- set mantissa = "split_part(" ~ expression ~ ", 'e', 1)" -%}
    {%- set digits = "repeat('0', 99) || translate(" ~ mantissa ~ ", '+-.', '') || repeat('0', 99)" -%}
    {#- a double's exponent may have three digits -#}
    {%- set point = "99 + length(split_part(ltrim(" ~ mantissa ~ ", '+-'), '.', 1))"
        ~ " + greatest(cast(split_part(" ~ expression ~ ", 'e', 2) as integer), -99)" -%}
    try_cast(case
        when contains({{ expression }}, 'e')
            then if(left({{ expression }}, 1) = '-', '-', '')
                || regexp_replace({{ digits }}, '^(.{' || cast({{ point }} as text) || '})', '\1.')
        else {{ expression }}
    end as decimal({{ precision }}, {{ scale }}))
{%- endmacro %}

{% macro postgres__text_to_decimal(expression, precision, scale) -%}
    {{ number_to_decimal('(' ~ expression ~ ')::numeric', precision, scale) }}
{%- endmacro %}

{# BigQuery: Conversion functions, SAFE_CAST of a text, also one with an exponent. #}
{% macro bigquery__text_to_decimal(expression, precision, scale) -%}
    {{ number_to_decimal(expression, precision, scale) }}
{%- endmacro %}

{# Redshift: TRY_CAST function. A `numeric` without digits is a whole number there. #}
{% macro redshift__text_to_decimal(expression, precision, scale) -%}
    {{ default__text_to_decimal(expression, precision, scale) }}
{%- endmacro %}
