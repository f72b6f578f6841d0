{% macro instant_to_utc(expression) -%}
    {{ return(adapter.dispatch('instant_to_utc', 'customer_lifecycle')(expression)) }}
{%- endmacro %}

{% macro default__instant_to_utc(expression) -%} ({{ expression }} at time zone 'UTC') {%- endmacro %}

{% macro spark__instant_to_utc(expression) -%}
    cast(to_utc_timestamp({{ expression }}, current_timezone()) as timestamp_ntz)
{%- endmacro %}

{# BigQuery: a TIMESTAMP is shown in UTC, and is what the other engines have a plain timestamp for. #}
{% macro bigquery__instant_to_utc(expression) -%} cast({{ expression }} as timestamp) {%- endmacro %}

{# Snowflake: CONVERT_TIMEZONE keeps a zone with the time; the cast drops it. #}
{% macro snowflake__instant_to_utc(expression) -%}
    cast(convert_timezone('UTC', {{ expression }}) as timestamp_ntz)
{%- endmacro %}
