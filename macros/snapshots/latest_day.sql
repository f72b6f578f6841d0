{#- A day on which rows only ended is also on record. Null before the first. -#}
{% macro latest_day(snapshot) -%}
    (select {{ greatest('max(dbt_updated_at)', 'max(dbt_valid_to)') }} from {{ snapshot }})
{%- endmacro %}
