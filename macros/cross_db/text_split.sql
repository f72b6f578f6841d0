{% macro text_split(expression, separators) -%}
    {{ return(adapter.dispatch('text_split', 'customer_lifecycle')(expression, separators)) }}
{%- endmacro %}

{% macro default__text_split(expression, separators) -%}
    unnest(string_split_regex({{ expression }}, {{ sql_text(separators) }}))
{%- endmacro %}

{% macro postgres__text_split(expression, separators) -%}
    regexp_split_to_table({{ expression }}, {{ sql_text(separators) }})
{%- endmacro %}

{% macro spark__text_split(expression, separators) -%}
    explode(split({{ expression }}, {{ sql_text(separators) }}))
{%- endmacro %}
