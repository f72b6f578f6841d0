{#- A cast to text alone writes it in the time zone of the session: elsewhere, the same row has another text. -#}
{% macro instant_text(expression) -%}
    cast({{ instant_to_utc(expression) }} as {{ dbt.type_string() }}) || '+00'
{%- endmacro %}
