{#
    Whether a date or a timestamp is neither infinity nor minus infinity (Postgres and DuckDB know both; Spark none).
    Takes: a date or timestamp expression. Gives: a boolean expression.
#}
{% macro is_finite_time(expression) -%}
    {{ return(adapter.dispatch('is_finite_time', 'customer_lifecycle')(expression)) }}
{%- endmacro %}

{% macro default__is_finite_time(expression) -%} isfinite({{ expression }}) {%- endmacro %}

{% macro spark__is_finite_time(expression) -%} true {%- endmacro %}
