{% macro text_part(expression, pattern) -%}
    {{ return(adapter.dispatch('text_part', 'customer_lifecycle')(expression, pattern)) }}
{%- endmacro %}

{% macro default__text_part(expression, pattern) -%}
    nullif(regexp_extract({{ expression }}, {{ sql_text(pattern) }}), '')
{%- endmacro %}

{% macro postgres__text_part(expression, pattern) -%}
    substring({{ expression }} from {{ sql_text(pattern) }})
{%- endmacro %}

{% macro spark__text_part(expression, pattern) -%}
    nullif(regexp_extract({{ expression }}, {{ sql_text(pattern) }}, 0), '')
{%- endmacro %}

{# Snowflake: REGEXP_SUBSTR, the whole match. #}
{% macro snowflake__text_part(expression, pattern) -%}
    nullif(regexp_substr({{ expression }}, {{ sql_text(pattern | replace('(?:', '(')) }}), '')
{%- endmacro %}

{# Redshift: REGEXP_SUBSTR, empty if nothing matches. #}
{% macro redshift__text_part(expression, pattern) -%}
    {{ snowflake__text_part(expression, pattern) }}
{%- endmacro %}
