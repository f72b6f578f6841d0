{% macro json_text_value(json, key) -%}
    {{ return(adapter.dispatch('json_text_value', 'customer_lifecycle')(json, key)) }}
{%- endmacro %}

{% macro default__json_text_value(json, key) -%} json_extract_string({{ json }}, '$.{{ key }}') {%- endmacro %}

{% macro postgres__json_text_value(json, key) -%} (cast({{ json }} as json) ->> '{{ key }}') {%- endmacro %}

{% macro spark__json_text_value(json, key) -%} get_json_object({{ json }}, '$.{{ key }}') {%- endmacro %}
