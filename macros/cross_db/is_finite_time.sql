{# Postgres and DuckDB have infinity and minus infinity, Spark has neither. #}
{% macro is_finite_time(expression) -%}
    {{ return(adapter.dispatch('is_finite_time', 'customer_lifecycle')(expression)) }}
{%- endmacro %}

{% macro default__is_finite_time(expression) -%} isfinite({{ expression }}) {%- endmacro %}

{% macro spark__is_finite_time(expression) -%} true {%- endmacro %}

{# Nor have these: BigQuery, Data types; Snowflake, Date & time data types; Redshift, Datetime types. #}
{% macro bigquery__is_finite_time(expression) -%} true {%- endmacro %}

{% macro snowflake__is_finite_time(expression) -%} true {%- endmacro %}

{% macro redshift__is_finite_time(expression) -%} true {%- endmacro %}
