{% macro period_start(grain, date) -%}
    {{ return(adapter.dispatch('period_start', 'customer_lifecycle')(grain, date)) }}
{%- endmacro %}

{% macro default__period_start(grain, date) -%} cast({{ dbt.date_trunc(grain, date) }} as date) {%- endmacro %}

{# On DuckDB, truncating goes by way of a timestamp and takes two to four times as long. #}
{% macro duckdb__period_start(grain, date) -%}
    {%- if grain == 'week' -%}
        ({{ date }} - cast(isodow({{ date }}) - 1 as integer))
    {%- elif grain == 'month' -%}
        ({{ date }} - cast(day({{ date }}) - 1 as integer))
    {%- elif grain == 'year' -%}
        ({{ date }} - cast(dayofyear({{ date }}) - 1 as integer))
    {%- else -%}
        cast({{ dbt.date_trunc(grain, date) }} as date)
    {%- endif -%}
{%- endmacro %}
