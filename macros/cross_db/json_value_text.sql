{% macro json_value_text(json_text, key) -%}
    {{ return(adapter.dispatch('json_value_text', 'customer_lifecycle')(json_text, key)) }}
{%- endmacro %}

{% macro default__json_value_text(json_text, key) -%} (cast({{ json_text }} as json) ->> {{ key }}) {%- endmacro %}

{% macro spark__json_value_text(json_text, key) -%} get_json_object({{ json_text }}, '$.' || {{ key }}) {%- endmacro %}
