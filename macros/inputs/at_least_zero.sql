{% macro at_least_zero(number) -%}
    case when {{ number }} >= 0 then {{ number }} end
{%- endmacro %}
