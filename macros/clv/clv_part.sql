{#
    The number of the part in which a value lies: whole numbers up to `parts` each have their own, and beyond, parts are
    as wide as the value divided by `parts`.
#}
{% macro clv_part(value, parts) -%}
    case
        when {{ value }} < {{ parts }} then floor({{ value }})
        else {{ parts }} + floor({{ parts }}e0 * ln({{ value }} / {{ parts }}e0))
    end
{%- endmacro %}
