{% macro whole_number_text(number) -%}
    {{ return(adapter.dispatch('whole_number_text', 'customer_lifecycle')(number)) }}
{%- endmacro %}

{% macro default__whole_number_text(number) -%}
    format('{:,}', cast({{ number }} as bigint))
{%- endmacro %}

{% macro postgres__whole_number_text(number) -%}
    to_char(cast({{ number }} as bigint), 'FM999,999,999,999,999,990')
{%- endmacro %}

{% macro spark__whole_number_text(number) -%}
    format_number(cast({{ number }} as bigint), 0)
{%- endmacro %}

{# BigQuery: String functions, FORMAT; the flag `'` puts the commas. #}
{% macro bigquery__whole_number_text(number) -%}
    format({{ sql_text("%'d") }}, cast({{ number }} as int64))
{%- endmacro %}

{# Snowflake: SQL format models. #}
{% macro snowflake__whole_number_text(number) -%}
    {{ postgres__whole_number_text(number) }}
{%- endmacro %}
