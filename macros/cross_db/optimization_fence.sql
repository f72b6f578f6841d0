{#
    At the end of a query whose columns those after it use many times. Postgres puts each expression in the place of
    its name, again and again, so that a chain of them is worked out thousands of times for a row; not across this.
#}
{% macro optimization_fence() -%}
    {{ return(adapter.dispatch('optimization_fence', 'customer_lifecycle')()) }}
{%- endmacro %}

{% macro default__optimization_fence() -%}{%- endmacro %}

{% macro postgres__optimization_fence() -%} offset 0 {%- endmacro %}
