{% macro is_in_query(expressions, columns, relation) -%}
    {{ return(adapter.dispatch('is_in_query', 'customer_lifecycle')(
        expressions | join(', '), columns | join(', '), relation
    )) }}
{%- endmacro %}

{% macro default__is_in_query(expressions, columns, relation) -%}
    ({{ expressions }}) in (select {{ columns }} from {{ relation }})
{%- endmacro %}

{# BigQuery: Subqueries, IN; the query has one column, which may be a struct. #}
{% macro bigquery__is_in_query(expressions, columns, relation) -%}
    ({{ expressions }}) in (select ({{ columns }}) from {{ relation }})
{%- endmacro %}

{#
    By default Spark sorts both sides of such a join and evaluates the expressions again for every comparison; the hint
    has it build a hash table from the query instead. Databricks: the hint SHUFFLE_HASH.
#}
{% macro spark__is_in_query(expressions, columns, relation) -%}
    ({{ expressions }}) in (select /*+ shuffle_hash({{ relation }}) */ {{ columns }} from {{ relation }})
{%- endmacro %}
