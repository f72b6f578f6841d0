{% macro raw_boolean(expression) -%}
    {{ return(adapter.dispatch('raw_boolean', 'customer_lifecycle')(expression)) }}
{%- endmacro %}

{% macro default__raw_boolean(expression) -%} {{ expression }} {%- endmacro %}

{# Redshift: Type compatibility and conversion; a boolean is not cast to text. #}
{% macro redshift__raw_boolean(expression) -%}
    case when {{ expression }} then 'true' when not {{ expression }} then 'false' end
{%- endmacro %}
