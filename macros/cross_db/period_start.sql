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

{# Postgres would take a date for an instant and ask its time zone: half as long again. #}
{% macro postgres__period_start(grain, date) -%}
    cast({{ dbt.date_trunc(grain, 'cast(' ~ date ~ ' as timestamp)') }} as date)
{%- endmacro %}

{# BigQuery: Date functions, DATE_TRUNC; its WEEK begins on Sunday, ISOWEEK on Monday. #}
{% macro bigquery__period_start(grain, date) -%}
    date_trunc({{ date }}, {{ 'isoweek' if grain == 'week' else grain }})
{%- endmacro %}

{# Snowflake: where a week begins depends on the parameter WEEK_START, but not for DAYOFWEEKISO. #}
{% macro snowflake__period_start(grain, date) -%}
    {%- if grain == 'week' -%}
        dateadd(day, 1 - dayofweekiso({{ date }}), {{ date }})
    {%- else -%}
        {{ default__period_start(grain, date) }}
    {%- endif -%}
{%- endmacro %}
