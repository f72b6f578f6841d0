{#
    At the end of a query, so that engines do not work its expressions out again for each condition that is put on the
    result.
#}
{% macro computed_once() -%}
    {{ return(adapter.dispatch('computed_once', 'customer_lifecycle')()) }}
{%- endmacro %}

{% macro default__computed_once() -%} offset 0 {%- endmacro %}

{# BigQuery: Query syntax, LIMIT and OFFSET clause; there is no offset without a limit. #}
{% macro bigquery__computed_once() -%}{%- endmacro %}

{# Snowflake: LIMIT / FETCH; as on BigQuery. #}
{% macro snowflake__computed_once() -%}{%- endmacro %}
