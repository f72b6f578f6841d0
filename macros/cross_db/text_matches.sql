{% macro text_matches(expression, pattern) -%}
    {{ return(adapter.dispatch('text_matches', 'customer_lifecycle')(expression, pattern)) }}
{%- endmacro %}

{% macro default__text_matches(expression, pattern) -%}
    regexp_full_match({{ expression }}, {{ sql_text(pattern) }})
{%- endmacro %}

{% macro postgres__text_matches(expression, pattern) -%}
    ({{ expression }} ~ {{ sql_text('^(?:' ~ pattern ~ ')$') }})
{%- endmacro %}

{# Java's `$` also matches before a line break at the end. #}
{% macro spark__text_matches(expression, pattern) -%}
    ({{ expression }} rlike {{ sql_text('\\A(?:' ~ pattern ~ ')\\z') }})
{%- endmacro %}
