{#
    One number per another in double precision, null where there is nothing to divide by.
    Takes: two numeric expressions. Gives: a double precision expression.
#}
{% macro ratio(numerator, denominator) -%}
    cast({{ numerator }} as {{ type_double() }}) / nullif(cast({{ denominator }} as {{ type_double() }}), 0)
{%- endmacro %}
