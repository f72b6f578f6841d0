{% macro is_date_at_midnight(table, column, time, brand_column='brand_id') -%}
    {%- set brands = brands_with_dates_at_midnight(table, column) -%}
    ({{ brand_column }} in ({{ sql_text_list(brands) }}) and {{ is_midnight(time) }})
{%- endmacro %}
