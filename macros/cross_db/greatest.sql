{# The greatest of the values that are not null, as `greatest` has it on DuckDB, Postgres, Redshift and Spark. #}
{% macro greatest() -%}
    {{ return(adapter.dispatch('greatest', 'customer_lifecycle')(varargs)) }}
{%- endmacro %}

{% macro default__greatest(values) -%} greatest({{ values | join(', ') }}) {%- endmacro %}

{# BigQuery: Mathematical functions, GREATEST, which is null as soon as one value is. #}
{% macro bigquery__greatest(values) -%} greatest({{ _any_but_null(values) }}) {%- endmacro %}

{# Snowflake: GREATEST_IGNORE_NULLS. #}
{% macro snowflake__greatest(values) -%} greatest_ignore_nulls({{ values | join(', ') }}) {%- endmacro %}

{# Each value, or another one that is not null in its place: null only where all are. #}
{% macro _any_but_null(values) -%}
    {%- set values = values | list -%}
    {%- for value in values -%}
        coalesce({{ (values[loop.index0:] + values[:loop.index0]) | join(', ') }}){{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
