{% macro instant_to_utc(expression) -%}
    {{ return(adapter.dispatch('instant_to_utc', 'customer_lifecycle')(expression)) }}
{%- endmacro %}

{% macro default__instant_to_utc(expression) -%} ({{ expression }} at time zone 'UTC') {%- endmacro %}

{% macro spark__instant_to_utc(expression) -%}
    cast(to_utc_timestamp({{ expression }}, current_timezone()) as timestamp_ntz)
{%- endmacro %}
