{% macro number_to_decimal(expression, precision, scale) -%}
    {{ return(adapter.dispatch('number_to_decimal', 'customer_lifecycle')(expression, precision, scale)) }}
{%- endmacro %}

{% macro default__number_to_decimal(expression, precision, scale) -%}
    try_cast({{ expression }} as decimal({{ precision }}, {{ scale }}))
{%- endmacro %}

{# Postgres treats NaN as the largest number, so the comparison drops it with the infinities. #}
{% macro postgres__number_to_decimal(expression, precision, scale) -%}
    case
        when abs(round({{ expression }}, {{ scale }})) < {{ '1' ~ '0' * (precision - scale) }}
            then cast({{ expression }} as decimal({{ precision }}, {{ scale }}))
    end
{%- endmacro %}
