{#- A day of room at either end: a time zone moves a time by less, and no program has a year 0 or 10000 to show. -#}
{% macro is_readable_time(expression) -%}
    cast({{ expression }} as date) between cast('0001-01-02' as date) and cast('9999-12-30' as date)
{%- endmacro %}
