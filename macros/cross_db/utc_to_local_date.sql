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
