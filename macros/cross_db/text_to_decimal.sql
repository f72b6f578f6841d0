{#
    A text that reads as a number as a decimal, rounded half away from zero; null where it does not fit.
    The caller has checked the form (see macros/inputs/parse_number.sql).
    Takes: a text expression; the decimal's precision and scale. Gives: a decimal expression.
#}
{% macro text_to_decimal(expression, precision, scale) -%}
    {{ return(adapter.dispatch('text_to_decimal', 'customer_lifecycle')(expression, precision, scale)) }}
{%- endmacro %}

{% macro default__text_to_decimal(expression, precision, scale) -%}
    try_cast({{ expression }} as decimal({{ precision }}, {{ scale }}))
{%- endmacro %}

{% macro postgres__text_to_decimal(expression, precision, scale) -%}
    {{ number_to_decimal('(' ~ expression ~ ')::numeric', precision, scale) }}
{%- endmacro %}
