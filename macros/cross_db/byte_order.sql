{% macro byte_order(expression) -%}
    {{ return(adapter.dispatch('byte_order', 'customer_lifecycle')(expression)) }}
{%- endmacro %}

{% macro default__byte_order(expression) -%} {{ expression }} {%- endmacro %}

{% macro postgres__byte_order(expression) -%} {{ expression }} collate "C" {%- endmacro %}
