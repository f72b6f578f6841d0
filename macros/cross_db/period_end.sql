{# The last day of a period. #}
{% macro period_end(grain, date) -%}
    {{ return(adapter.dispatch('period_end', 'customer_lifecycle')(grain, date)) }}
{%- endmacro %}

{% macro default__period_end(grain, date) -%} cast({{ dbt.last_day(date, grain) }} as date) {%- endmacro %}

{# Where dbt would have the week end on a Saturday, or on a day that a setting decides: see `period_start`. #}
{% macro bigquery__period_end(grain, date) -%} {{ _before_the_next_period(grain, date) }} {%- endmacro %}

{% macro snowflake__period_end(grain, date) -%} {{ _before_the_next_period(grain, date) }} {%- endmacro %}

{% macro _before_the_next_period(grain, date) -%}
    {{ add_days('cast(' ~ dbt.dateadd(grain, 1, period_start(grain, date)) ~ ' as date)', -1) }}
{%- endmacro %}
