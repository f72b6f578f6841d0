{#
    After a table of a few rows that many models join: until Postgres has counted them, it takes one row for 2,550, and
    a join of two such tables for a million.
#}
{% macro gather_statistics(relation) -%}
    {{ return(adapter.dispatch('gather_statistics', 'customer_lifecycle')(relation)) }}
{%- endmacro %}

{% macro default__gather_statistics(relation) -%}{%- endmacro %}

{% macro postgres__gather_statistics(relation) -%} analyze {{ relation }} {%- endmacro %}

{# Redshift counts the rows itself. #}
{% macro redshift__gather_statistics(relation) -%}{%- endmacro %}
