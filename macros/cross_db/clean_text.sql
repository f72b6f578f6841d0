{#
    A text as it is read: white space of any kind trimmed from both ends, null where nothing is left.
    The characters are those that Unicode calls white space.
    Takes: a text expression. Gives: a text expression.
#}
{% macro clean_text(expression) -%}
    {{ return(adapter.dispatch('clean_text', 'customer_lifecycle')(expression)) }}
{%- endmacro %}

{# A text without such a character at either end, which is nearly every text, is not searched twice. #}
{% macro default__clean_text(expression) -%}
    nullif(trim({{ expression }}, {{ white_space_characters() }}), '')
{%- endmacro %}

{% macro postgres__clean_text(expression) -%}
    nullif(btrim({{ expression }}, {{ white_space_characters() }}), '')
{%- endmacro %}

{% macro spark__clean_text(expression) -%}
    nullif(trim(both {{ white_space_characters() }} from {{ expression }}), '')
{%- endmacro %}

{% macro white_space_characters() -%}
    {%- set codes = [9, 10, 11, 12, 13, 32, 133, 160, 5760] + range(8192, 8203) | list
        + [8232, 8233, 8239, 8287, 12288] -%}
    '{% for code in codes %}{{ '%c' | format(code) }}{% endfor %}'
{%- endmacro %}
