{# The type of an exact number. #}
{% macro type_decimal(precision, scale) -%}
    {{ return(adapter.dispatch('type_decimal', 'customer_lifecycle')(precision, scale)) }}
{%- endmacro %}

{% macro default__type_decimal(precision, scale) -%} decimal({{ precision }}, {{ scale }}) {%- endmacro %}

{# BigQuery: Data types, parameterized decimal types. NUMERIC has 29 digits before the point and 9 after it at most. #}
{% macro bigquery__type_decimal(precision, scale) -%}
    {{- 'bignumeric' if scale > 9 or precision - scale > 29 else 'numeric' -}} ({{ precision }}, {{ scale }})
{%- endmacro %}
