{% macro add_minutes(time, minutes) -%}
    {{ return(adapter.dispatch('add_minutes', 'customer_lifecycle')(time, minutes)) }}
{%- endmacro %}

{% macro default__add_minutes(time, minutes) -%}
    cast({{ dbt.dateadd('minute', minutes, time) }} as timestamp)
{%- endmacro %}

{# dbt-spark's dateadd goes by whole seconds, and drops what is left of them without a word. #}
{% macro spark__add_minutes(time, minutes) -%} timestampadd(minute, {{ minutes }}, {{ time }}) {%- endmacro %}

{# BigQuery: Timestamp functions, TIMESTAMP_ADD. #}
{% macro bigquery__add_minutes(time, minutes) -%}
    timestamp_add({{ time }}, interval cast({{ minutes }} as int64) minute)
{%- endmacro %}
