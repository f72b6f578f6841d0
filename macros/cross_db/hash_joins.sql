{#
    Before each model (dbt_project.yml). Postgres has no statistics of tables that were just written: it expects too few
    rows of a join, and takes nested loops for hundreds of thousands, or sorts both sides where a hash would do. Applies
    to the model alone.
#}
{% macro hash_joins() -%}
    {{ return(adapter.dispatch('hash_joins', 'customer_lifecycle')()) }}
{%- endmacro %}

{% macro default__hash_joins() -%}{%- endmacro %}

{% macro postgres__hash_joins() -%}
    select set_config('enable_nestloop', 'off', true), set_config('enable_mergejoin', 'off', true)
{%- endmacro %}

{# Redshift has no such settings. #}
{% macro redshift__hash_joins() -%}{%- endmacro %}
