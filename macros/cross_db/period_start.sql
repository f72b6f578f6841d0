{% macro period_start(grain, date) -%}
    cast({{ dbt.date_trunc(grain, date) }} as date)
{%- endmacro %}
