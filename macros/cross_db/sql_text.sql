{#
    A text as a SQL string literal, whatever it holds: quotes, backslashes, comment marks, braces.
    Takes: a text (a number is written as text), or none. Gives: a literal; null for none.
#}
{% macro sql_text(value) -%}
    {%- if value is none -%}
        {{ return('null') }}
    {%- endif -%}
    {{ return(adapter.dispatch('sql_text', 'customer_lifecycle')(value | string)) }}
{%- endmacro %}

{% macro default__sql_text(value) -%}
    {{ return("'" ~ value | replace("'", "''") ~ "'") }}
{%- endmacro %}

{# Spark reads backslashes as escapes, takes two quotes in a row for two literals, and fills in ${…} before it reads anything. #}
{% macro spark__sql_text(value) -%}
    {{ return(
        "'" ~ value | replace('\\', '\\\\') | replace("'", "\\'") | replace('${', '\\u0024{') ~ "'"
    ) }}
{%- endmacro %}
