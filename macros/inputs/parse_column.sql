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

{% macro at_least_zero(number) -%}
    case when {{ number }} >= 0 then {{ number }} end
{%- endmacro %}

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

{#- An identifier straight from how it arrived. -#}
{% macro parse_raw_identifier(column, family) -%}
    {%- if family in ['number', 'double'] -%}
        {{ parse_identifier(column, family) }}
    {%- else -%}
        {{ clean_text('cast(' ~ column ~ ' as ' ~ dbt.type_string() ~ ')') }}
    {%- endif -%}
{%- endmacro %}
