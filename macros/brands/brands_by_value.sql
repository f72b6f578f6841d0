{% macro brands_by_value(setting) -%}
    {%- set groups = {} -%}
    {%- for brand_id, settings in brand_settings().items() -%}
        {%- set found = namespace(value=settings) -%}
        {%- for key in setting.split('.') -%}
            {%- set found.value = found.value[key] if found.value is mapping else found.value[key | int] -%}
        {%- endfor -%}
        {%- set group = groups.setdefault(tojson(found.value), {'value': found.value, 'brands': []}) -%}
        {%- do group.brands.append(brand_id) -%}
    {%- endfor -%}
    {{ return(groups.values() | list) }}
{%- endmacro %}
