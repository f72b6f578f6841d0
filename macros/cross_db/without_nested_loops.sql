{# For a model's `pre_hook`. Postgres knows nothing of tables that have just been written, takes a join of them for a few
   rows, and loops over what are hundreds of thousands: minutes in place of a second. It holds for the model alone. #}
{% macro without_nested_loops() -%}
    {{ return(adapter.dispatch('without_nested_loops', 'customer_lifecycle')()) }}
{%- endmacro %}

{% macro default__without_nested_loops() -%}{%- endmacro %}

{% macro postgres__without_nested_loops() -%} set local enable_nestloop = off {%- endmacro %}
