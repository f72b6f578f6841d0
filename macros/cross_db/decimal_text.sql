{% macro decimal_text(expression, places) -%}
    {{ return(adapter.dispatch('decimal_text', 'customer_lifecycle')(expression, places)) }}
{%- endmacro %}

{% macro default__decimal_text(expression, places) -%}
    cast(cast({{ expression }} as {{ type_decimal(38, places) }}) as {{ dbt.type_string() }})
{%- endmacro %}

{# BigQuery: String functions, FORMAT. A decimal has no places of its own there: cast to text, 5.0 is 5. #}
{% macro bigquery__decimal_text(expression, places) -%}
    format('%.{{ places }}f', cast({{ expression }} as {{ type_decimal(38, places) }}))
{%- endmacro %}
