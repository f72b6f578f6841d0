{% macro brand_value(setting, brand_column='brand_id') -%}
    {%- set groups = brands_by_value(setting) -%}
    {%- if groups | length == 1 -%}
        {{- sql_literal(groups[0].value) -}}
    {%- else -%}
        case
        {%- for group in groups %}
            when {{ brand_column }} in ({{ sql_text_list(group.brands) }}) then {{ sql_literal(group.value) }}
        {%- endfor %}
        end
    {%- endif -%}
{%- endmacro %}

{% macro brands_by_value(setting) -%}
    {%- set groups = {} -%}
    {%- for brand_id, settings in brand_settings().items() -%}
        {%- set found = namespace(value=settings) -%}
        {%- for key in setting.split('.') -%}
            {%- set found.value = found.value[key] -%}
        {%- endfor -%}
        {%- set group = groups.setdefault(tojson(found.value), {'value': found.value, 'brands': []}) -%}
        {%- do group.brands.append(brand_id) -%}
    {%- endfor -%}
    {{ return(groups.values() | list) }}
{%- endmacro %}

{% macro sql_literal(value) -%}
    {%- if value is none -%} null
    {%- elif value is boolean -%} {{- value | string | lower -}}
    {%- elif value is number -%} {{- sql_number(value) -}}
    {%- else -%} {{- sql_text(value) -}}
    {%- endif -%}
{%- endmacro %}

{% macro sql_text_list(texts) -%}
    {%- for text in texts -%} {{- sql_text(text) -}} {{- ', ' if not loop.last -}} {%- endfor -%}
{%- endmacro %}
