{% macro white_space_characters() -%}
    {%- set codes = [9, 10, 11, 12, 13, 32, 133, 160, 5760] + range(8192, 8203) | list
        + [8232, 8233, 8239, 8287, 12288] -%}
    {%- for code in codes %}{{ '%c' | format(code) }}{% endfor -%}
{%- endmacro %}
