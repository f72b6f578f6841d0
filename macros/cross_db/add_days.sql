{# `dbt.dateadd` gives a timestamp, and takes three times as long on DuckDB. #}
{% macro add_days(date, days) -%}
    {{ return(adapter.dispatch('add_days', 'customer_lifecycle')(date, days)) }}
{%- endmacro %}

{% macro default__add_days(date, days) -%} ({{ date }} + cast({{ days }} as integer)) {%- endmacro %}

{% macro spark__add_days(date, days) -%} date_add({{ date }}, cast({{ days }} as int)) {%- endmacro %}
