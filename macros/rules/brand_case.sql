{#
    A case expression on the brand, from a dict of brand id to the expression for that brand.
#}
{% macro brand_case(expressions, otherwise='null', brand_column='brand_id') -%}
    {%- if not expressions -%}
        {{ otherwise }}
    {%- else -%}
        case
        {%- for brand_id, expression in expressions.items() %}
            when {{ brand_column }} = {{ sql_text(brand_id) }} then {{ expression }}
        {%- endfor %}
            else {{ otherwise }}
        end
    {%- endif -%}
{%- endmacro %}
