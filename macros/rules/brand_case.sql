{#
    Brands told apart in SQL.
    Takes: a dict from brand id to the expression that holds for it; what holds for any other brand; the column that
    holds the brand. Gives: a case expression.
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
