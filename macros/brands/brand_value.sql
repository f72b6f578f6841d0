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
