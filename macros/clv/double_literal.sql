{# A number that every engine takes for a double, not for a decimal. #}
{% macro double_literal(value) -%}
    cast({{ sql_number(value) }} as {{ type_double() }})
{%- endmacro %}
