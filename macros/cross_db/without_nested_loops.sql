{# For a model's `pre_hook`. Postgres has no statistics of tables that were just written, expects few rows of a join,
   and picks nested loops for hundreds of thousands: minutes instead of a second. Applies to the model alone. #}
{% macro without_nested_loops() -%}
    {{ return(adapter.dispatch('without_nested_loops', 'customer_lifecycle')()) }}
{%- endmacro %}

{% macro default__without_nested_loops() -%}{%- endmacro %}

{% macro postgres__without_nested_loops() -%} set local enable_nestloop = off {%- endmacro %}

{# Redshift has no such setting. #}
{% macro redshift__without_nested_loops() -%}{%- endmacro %}
