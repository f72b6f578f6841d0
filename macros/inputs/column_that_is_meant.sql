{#- `order id`, `Order-ID` and `orderId` mean order_id. -#}
{% macro column_that_is_meant(column, names) -%}
    {%- for name in names if name != column
        and modules.re.sub('[^a-z0-9]', '', name | lower) == column | replace('_', '') -%}
        {{ return(name) }}
    {%- endfor -%}
    {{ return(none) }}
{%- endmacro %}
