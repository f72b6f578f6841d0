{#
    e to a power. Beyond the range of a double some engines give an error and some infinity or zero, so the exponent
    stays within a limit: 300, where the result is multiplied with others, and 700 where it is not.
#}
{% macro clamped_exp(exponent, limit=300) -%}
    exp({{ greatest(least(exponent, limit), '-' ~ limit) }})
{%- endmacro %}
