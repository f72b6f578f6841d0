{#
    The grains that periods are measured in.
    Gives: a list of names that date_trunc knows.
#}
{% macro period_grains() -%}
    {{ return(['week', 'month', 'quarter', 'year']) }}
{%- endmacro %}
