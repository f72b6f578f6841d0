{#- 42.0 is 42: pandas makes doubles of whole numbers where one is missing. From 2^53 on a double may be its
    neighbour. -#}
{% macro parse_identifier(expression, family) -%}
    {%- if family == 'double' -%}
        case
            when abs({{ expression }}) < 9007199254740992 and {{ expression }} = floor({{ expression }})
                then cast(cast({{ expression }} as bigint) as {{ dbt.type_string() }})
        end
    {%- elif family == 'number' -%}
        case
            when {{ expression }} = floor({{ expression }})
                then cast({{ number_to_decimal(expression, 38, 0) }} as {{ dbt.type_string() }})
        end
    {%- else -%}
        {{ expression }}
    {%- endif -%}
{%- endmacro %}
