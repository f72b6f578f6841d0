{% macro percent_text(share) -%}
    cast(
        cast(round(cast(100 * ({{ share }}) as {{ type_decimal(38, 10) }}), 1) as {{ type_decimal(38, 1) }})
        as {{ dbt.type_string() }}
    ) || '%'
{%- endmacro %}
