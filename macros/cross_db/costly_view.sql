{# How rows are kept that are dear to compute and are read more than once, by several models or CTEs. #}
{% macro costly_view() -%}
    {{ return(adapter.dispatch('costly_view', 'customer_lifecycle')()) }}
{%- endmacro %}

{# Checking again is cheaper than writing every row, and a query takes only the columns that it reads. #}
{% macro default__costly_view() -%}{{ return('view') }}{%- endmacro %}

{# Planning hundreds of expressions takes Spark seconds for each reader, and it evaluates them more than once. #}
{% macro spark__costly_view() -%}{{ return('table') }}{%- endmacro %}
