{#
    The first day of the week (Monday), month, quarter or year of a date.
    Takes: the grain; a date expression. Gives: a date expression.
#}
{% macro period_start(grain, date) -%}
    cast({{ dbt.date_trunc(grain, date) }} as date)
{%- endmacro %}
