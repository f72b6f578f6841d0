{% macro sql_text(value) -%}
    {%- if value is none -%}
        {{ return('null') }}
    {%- endif -%}
    {{ return(adapter.dispatch('sql_text', 'customer_lifecycle')(value | string)) }}
{%- endmacro %}

{% macro default__sql_text(value) -%}
    {{ return("'" ~ value | replace("'", "''") ~ "'") }}
{%- endmacro %}

{# Spark reads backslashes as escapes, and substitutes ${…} before it parses anything else. #}
{% macro spark__sql_text(value) -%}
    {{ return(
        "'" ~ value | replace('\\', '\\\\') | replace("'", "\\'") | replace('${', '\\u0024{') ~ "'"
    ) }}
{%- endmacro %}
