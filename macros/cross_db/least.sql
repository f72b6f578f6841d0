{# The least of the values that are not null, as `least` has it on DuckDB, Postgres, Redshift and Spark. #}
{% macro least() -%}
    {{ return(adapter.dispatch('least', 'customer_lifecycle')(varargs)) }}
{%- endmacro %}

{% macro default__least(values) -%} least({{ values | join(', ') }}) {%- endmacro %}

{# BigQuery: Mathematical functions, LEAST, which is null as soon as one value is. #}
{% macro bigquery__least(values) -%} least({{ _any_but_null(values) }}) {%- endmacro %}

{# Snowflake: LEAST_IGNORE_NULLS. #}
{% macro snowflake__least(values) -%} least_ignore_nulls({{ values | join(', ') }}) {%- endmacro %}
