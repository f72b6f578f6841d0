{# Between two queries whose rows are wanted once each. #}
{% macro union_distinct() -%}
    {{ return(adapter.dispatch('union_distinct', 'customer_lifecycle')()) }}
{%- endmacro %}

{% macro default__union_distinct() -%} union {%- endmacro %}

{# BigQuery: Query syntax, set operators: what is not `all` says `distinct`. Redshift knows no such word. #}
{% macro bigquery__union_distinct() -%} union distinct {%- endmacro %}
