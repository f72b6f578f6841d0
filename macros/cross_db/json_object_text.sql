{% macro json_object_text(pairs) -%}
    {{ return(adapter.dispatch('json_object_text', 'customer_lifecycle')(pairs)) }}
{%- endmacro %}

{% macro default__json_object_text(pairs) -%}
    cast(json_object(
        {%- for key, value in pairs %}
        '{{ key }}', {{ value }}{{ ',' if not loop.last }}
        {%- endfor %}
    ) as varchar)
{%- endmacro %}

{# json_build_object puts spaces after colons and commas; a row as JSON has none. #}
{% macro postgres__json_object_text(pairs) -%}
    (select cast(row_to_json(r) as text) from (
        select
        {%- for key, value in pairs %}
            {{ value }} as {{ key }}{{ ',' if not loop.last }}
        {%- endfor %}
    ) as r)
{%- endmacro %}

{% macro spark__json_object_text(pairs) -%}
    to_json(named_struct(
        {%- for key, value in pairs %}
        '{{ key }}', {{ value }}{{ ',' if not loop.last }}
        {%- endfor %}
    ), map('ignoreNullFields', 'false'))
{%- endmacro %}

{# BigQuery: JSON functions, TO_JSON_STRING, which keeps nulls and the order. #}
{% macro bigquery__json_object_text(pairs) -%}
    to_json_string(struct(
        {%- for key, value in pairs %}
        {{ value }} as {{ key }}{{ ',' if not loop.last }}
        {%- endfor %}
    ))
{%- endmacro %}

{# Snowflake: OBJECT_CONSTRUCT_KEEP_NULL. An object has no order: keys come sorted. #}
{% macro snowflake__json_object_text(pairs) -%}
    to_json(object_construct_keep_null(
        {%- for key, value in pairs %}
        '{{ key }}', {{ value }}{{ ',' if not loop.last }}
        {%- endfor %}
    ))
{%- endmacro %}

{# Redshift: OBJECT makes a SUPER of keys and values, JSON_SERIALIZE its text. #}
{% macro redshift__json_object_text(pairs) -%}
    json_serialize(object(
        {%- for key, value in pairs %}
        '{{ key }}', {{ value }}{{ ',' if not loop.last }}
        {%- endfor %}
    ))
{%- endmacro %}
