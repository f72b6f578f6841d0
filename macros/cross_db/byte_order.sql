{% macro byte_order(expression) -%}
    {{ return(adapter.dispatch('byte_order', 'customer_lifecycle')(expression)) }}
{%- endmacro %}

{% macro default__byte_order(expression) -%} {{ expression }} {%- endmacro %}

{% macro postgres__byte_order(expression) -%} {{ expression }} collate "C" {%- endmacro %}

{# Redshift sorts by bytes, and knows no other order of languages: Collation sequences. #}
{% macro redshift__byte_order(expression) -%} {{ expression }} {%- endmacro %}
