{# `dbt.dateadd` gives a timestamp, and takes three times as long on DuckDB. #}
{% macro add_days(date, days) -%}
    {{ return(adapter.dispatch('add_days', 'customer_lifecycle')(date, days)) }}
{%- endmacro %}

{% macro default__add_days(date, days) -%} ({{ date }} + cast({{ days }} as integer)) {%- endmacro %}

{% macro spark__add_days(date, days) -%} date_add({{ date }}, cast({{ days }} as int)) {%- endmacro %}

{# BigQuery: Date functions, DATE_ADD. #}
{% macro bigquery__add_days(date, days) -%}
    date_add({{ date }}, interval cast({{ days }} as int64) day)
{%- endmacro %}

{# Snowflake: DATEADD, a date if the unit is no smaller than a day. #}
{% macro snowflake__add_days(date, days) -%} dateadd(day, cast({{ days }} as integer), {{ date }}) {%- endmacro %}
