{% macro parse_column(column, expression, family) -%}
    {%- if column.reads_as == 'id' -%}
        {{ parse_identifier(expression, family) }}
    {%- elif column.reads_as == 'time' -%}
        {{ parse_time(expression, family) }}
    {%- elif column.reads_as == 'money' -%}
        {{ at_least_zero(parse_number(expression, family, 18, 4)) }}
    {%- elif column.reads_as == 'seconds' -%}
        {{ at_least_zero(parse_number(expression, family, 18, 6)) }}
    {%- elif column.reads_as == 'score' -%}
        {%- set number = parse_number(expression, family, 18, 12) -%}
        case when {{ number }} between 0 and 10 then {{ number }} end
    {%- elif column.reads_as == 'count' -%}
        {%- set number = parse_number(expression, family, 38, 18) -%}
        case
            when {{ number }} between 0 and 9223372036854775807 and {{ number }} = floor({{ number }})
                then cast({{ number }} as bigint)
        end
    {%- elif column.reads_as == 'choice' -%}
        case when lower({{ expression }}) in ({{ sql_text_list(column.choices) }}) then lower({{ expression }}) end
    {%- elif column.reads_as == 'flag' and family == 'boolean' -%}
        {{ expression }}
    {%- elif column.reads_as == 'flag' and family in ['number', 'double'] -%}
        case when {{ expression }} = 1 then true when {{ expression }} = 0 then false end
    {%- elif column.reads_as == 'flag' -%}
        case
            when lower({{ expression }}) in ('true', 't', 'yes', 'y', 'on', '1', '1.0') then true
            when lower({{ expression }}) in ('false', 'f', 'no', 'n', 'off', '0', '0.0') then false
        end
    {%- elif column.reads_as == 'keyword' -%}
        lower({{ expression }})
    {%- elif column.reads_as == 'currency' -%}
        upper({{ expression }})
    {%- else -%}
        {{ expression }}
    {%- endif -%}
{%- endmacro %}
