{% macro is_midnight(time) -%}
    {{ time }} = cast(cast({{ time }} as date) as timestamp)
{%- endmacro %}
