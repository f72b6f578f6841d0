{% macro brands_with_dates_at_midnight(table, column) -%}
    {%- set brands = [] -%}
    {%- for brand_id, settings in brand_settings().items()
        if column in settings.dates_at_midnight.get(table, []) -%}
        {%- do brands.append(brand_id) -%}
    {%- endfor -%}
    {{ return(brands) }}
{%- endmacro %}
