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

{# BigQuery: String functions, REGEXP_CONTAINS; RE2. #}
{% macro bigquery__text_matches(expression, pattern) -%}
    regexp_contains({{ expression }}, {{ sql_text('\\A(?:' ~ pattern ~ ')\\z') }})
{%- endmacro %}

{# Snowflake: REGEXP_LIKE matches whole texts; POSIX patterns, in which a group is always one that captures. #}
{% macro snowflake__text_matches(expression, pattern) -%}
    regexp_like({{ expression }}, {{ sql_text(pattern | replace('(?:', '(')) }})
{%- endmacro %}

{# Redshift: POSIX operators, whose groups are `()`. #}
{% macro redshift__text_matches(expression, pattern) -%}
    ({{ expression }} ~ {{ sql_text('^(' ~ pattern | replace('(?:', '(') ~ ')$') }})
{%- endmacro %}
