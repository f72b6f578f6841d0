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

{# BigQuery: Conversion functions, SAFE_CAST rounds half away from zero. #}
{% macro bigquery__number_to_decimal(expression, precision, scale) -%}
    safe_cast({{ expression }} as {{ type_decimal(precision, scale) }})
{%- endmacro %}

{# Snowflake: TRY_CAST takes text alone, and ROUND rounds half away from zero. No literal has more than 38 digits. #}
{% macro snowflake__number_to_decimal(expression, precision, scale) -%}
    case
        when floor(abs(round({{ expression }}, {{ scale }}))) <= {{ '9' * (precision - scale) }}
            then cast({{ expression }} as decimal({{ precision }}, {{ scale }}))
    end
{%- endmacro %}

{# Redshift: TRY_CAST function; of its conversions to DECIMAL none is from DECIMAL. #}
{% macro redshift__number_to_decimal(expression, precision, scale) -%}
    {{ snowflake__number_to_decimal(expression, precision, scale) }}
{%- endmacro %}
