{% macro json_text_value(json, key) -%}
    {{ return(adapter.dispatch('json_text_value', 'customer_lifecycle')(json, key)) }}
{%- endmacro %}

{% macro default__json_text_value(json, key) -%} json_extract_string({{ json }}, '$.{{ key }}') {%- endmacro %}

{% macro postgres__json_text_value(json, key) -%} (cast({{ json }} as json) ->> '{{ key }}') {%- endmacro %}

{% macro spark__json_text_value(json, key) -%} get_json_object({{ json }}, '$.{{ key }}') {%- endmacro %}

{# BigQuery: JSON functions, JSON_VALUE. #}
{% macro bigquery__json_text_value(json, key) -%} json_value({{ json }}, '$.{{ key }}') {%- endmacro %}

{# Snowflake: JSON_EXTRACT_PATH_TEXT. #}
{% macro snowflake__json_text_value(json, key) -%} json_extract_path_text({{ json }}, '{{ key }}') {%- endmacro %}

{# Redshift: JSON_EXTRACT_PATH_TEXT, which has an empty text for a key that is not there. #}
{% macro redshift__json_text_value(json, key) -%}
    nullif(json_extract_path_text({{ json }}, '{{ key }}'), '')
{%- endmacro %}
