{% macro is_date_at_midnight(table, column, time, brand_column='brand_id') -%}
    {%- set brands = brands_with_dates_at_midnight(table, column) -%}
    ({{ brand_column }} in ({{ sql_text_list(brands) }}) and {{ is_midnight(time) }})
{%- endmacro %}

{% macro brands_with_dates_at_midnight(table, column) -%}
    {%- set brands = [] -%}
    {%- for brand_id, settings in brand_settings().items()
        if column in settings.dates_at_midnight.get(table, []) -%}
        {%- do brands.append(brand_id) -%}
    {%- endfor -%}
    {{ return(brands) }}
{%- endmacro %}

{% macro is_midnight(time) -%}
    {{ time }} = cast(cast({{ time }} as date) as timestamp)
{%- endmacro %}
