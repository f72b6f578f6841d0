{#- A cast to text would write it in the time zone of whoever builds: the same rows would give other texts elsewhere. -#}
{% macro instant_text(expression) -%}
    cast({{ instant_to_utc(expression) }} as {{ dbt.type_string() }}) || '+00'
{%- endmacro %}
