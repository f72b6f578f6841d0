{% macro is_on_brand_list(setting, expression, brand_column='brand_id') -%}
    {%- set groups = brands_by_value(setting) -%}
    (
    {%- for group in groups %}
        {{- ' or ' if not loop.first -}}
        ({% if groups | length > 1 %}{{ brand_column }} in ({{ sql_text_list(group.brands) }}) and {% endif -%}
        {{ expression }} in ({{ sql_text_list(group.value) }}))
    {%- endfor -%}
    )
{%- endmacro %}
