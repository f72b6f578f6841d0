{#
    Overrides dbt-spark's macro, which escapes quotes alone: a backslash in the fixture of a unit test would escape what
    follows it.
#}
{% macro spark__escape_single_quotes(expression) -%}
    {{ return(customer_lifecycle.sql_text(expression)[1:-1]) }}
{%- endmacro %}
