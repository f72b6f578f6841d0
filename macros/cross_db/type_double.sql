{# `dbt.type_float()` is four bytes on DuckDB and Spark. #}
{% macro type_double() -%}
    {{ return(adapter.dispatch('type_double', 'customer_lifecycle')()) }}
{%- endmacro %}

{% macro default__type_double() -%} double {%- endmacro %}

{% macro postgres__type_double() -%} double precision {%- endmacro %}

{# BigQuery: Data types, FLOAT64; DOUBLE is no name of it. #}
{% macro bigquery__type_double() -%} float64 {%- endmacro %}
