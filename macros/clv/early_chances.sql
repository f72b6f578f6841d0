{#
    How often a customer may have left by their first order date: never in BG/NBD, once in MBG/NBD. It is all that
    tells the two apart: by the time of x repeat order dates a customer has had x + this many chances to leave.
#}
{% macro early_chances(model) -%}
    case when {{ model }} = 'mbg_nbd' then 1 else 0 end
{%- endmacro %}
