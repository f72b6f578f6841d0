{#
    The English name of a date's month in three letters, such as Jul. Null for null.
#}
{% macro english_month(date) -%}
    substr('JanFebMarAprMayJunJulAugSepOctNovDec', cast((extract(month from {{ date }}) * 3) - 2 as integer), 3)
{%- endmacro %}
