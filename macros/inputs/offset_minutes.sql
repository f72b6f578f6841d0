{% macro offset_minutes(offset) -%}
    {%- set digits = "replace(" ~ offset ~ ", ':', '')" -%}
    (
        cast(left({{ offset }}, 1) || '1' as integer) * (
            60 * cast(substr({{ digits }}, 2, 2) as integer)
            + coalesce(cast(nullif(substr({{ digits }}, 4, 2), '') as integer), 0)
        )
    )
{%- endmacro %}
