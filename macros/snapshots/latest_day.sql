{#- A day on which rows ended and none began is on record, too. Null before anything is. -#}
{% macro latest_day(snapshot) -%}
    (select greatest(max(dbt_updated_at), max(dbt_valid_to)) from {{ snapshot }})
{%- endmacro %}
