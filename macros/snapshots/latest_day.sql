{#- A day on which rows only ended is also on record. Null before the first. -#}
{% macro latest_day(snapshot) -%}
    {{ return(adapter.dispatch('latest_day', 'customer_lifecycle')(snapshot)) }}
{%- endmacro %}

{% macro default__latest_day(snapshot) -%}
    (select greatest(max(dbt_updated_at), max(dbt_valid_to)) from {{ snapshot }})
{%- endmacro %}

{% macro spark__latest_day(snapshot) -%} (select max(measured_on) from {{ snapshot }}) {%- endmacro %}
