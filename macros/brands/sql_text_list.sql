{% macro sql_text_list(texts) -%}
    {%- for text in texts -%} {{- sql_text(text) -}} {{- ', ' if not loop.last -}} {%- endfor -%}
{%- endmacro %}
