{% macro utc_to_local_date(expression, timezone) -%}
    {%- if timezone == 'UTC' -%}
        cast({{ expression }} as date)
    {%- else -%}
        {{ return(adapter.dispatch('utc_to_local_date', 'customer_lifecycle')(expression, timezone)) }}
    {%- endif -%}
{%- endmacro %}

{# The zone is a literal because DuckDB takes nine times as long with a column. #}
{% macro default__utc_to_local_date(expression, timezone) -%}
    cast((({{ expression }}) at time zone 'UTC') at time zone {{ sql_text(timezone) }} as date)
{%- endmacro %}

{% macro spark__utc_to_local_date(expression, timezone) -%}
    cast(from_utc_timestamp({{ expression }}, {{ sql_text(timezone) }}) as date)
{%- endmacro %}

{# BigQuery: Date functions, DATE of a TIMESTAMP in a zone. #}
{% macro bigquery__utc_to_local_date(expression, timezone) -%}
    date({{ expression }}, {{ sql_text(timezone) }})
{%- endmacro %}

{# Snowflake: CONVERT_TIMEZONE from a zone to another. #}
{% macro snowflake__utc_to_local_date(expression, timezone) -%}
    cast(convert_timezone('UTC', {{ sql_text(timezone) }}, {{ expression }}) as date)
{%- endmacro %}
