{% macro parse_number(expression, family, precision, scale) -%}
    {%- if family == 'number' -%}
        {{ number_to_decimal(expression, precision, scale) }}
    {%- elif family == 'double' -%}
        {#- through its shortest text, so that 2.675 is 2.675 and not the float below it -#}
        case
            when abs({{ expression }}) < 1e{{ precision - scale }}
                then {{ text_to_decimal('cast(' ~ expression ~ ' as ' ~ dbt.type_string() ~ ')', precision, scale) }}
        end
    {%- else -%}
        case
            when {{ text_matches(expression, '[-+]?(?:[0-9]+(?:[.][0-9]+)?|[.][0-9]+)(?:e[-+][0-9]{1,2})?') }}
                then {{ text_to_decimal(expression, precision, scale) }}
        end
    {%- endif -%}
{%- endmacro %}
