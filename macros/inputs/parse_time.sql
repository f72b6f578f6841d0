{% macro parse_time(expression, family) -%}
    {%- set day = '[0-9]{4}-[0-9]{2}-[0-9]{2}' -%}
    {%- set time_of_day = '[T ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.][0-9]+)?)?' -%}
    {%- set offset = '[-+](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?' -%}
    {%- if family in ['date', 'timestamp'] -%}
        case when {{ is_finite_time(expression) }} then cast({{ expression }} as timestamp) end
    {%- elif family == 'instant' -%}
        case when {{ is_finite_time(expression) }} then {{ instant_to_utc(expression) }} end
    {%- else -%}
        {%- set after_day = 'substr(' ~ expression ~ ', 12)' -%}
        {%- set clock = "coalesce(" ~ text_part(after_day, '^[0-9:]+(?:[.][0-9]{1,6})?') ~ ", '00:00')" -%}
        {%- set as_written = text_to_timestamp("(left(" ~ expression ~ ", 10) || ' ' || " ~ clock ~ ")") -%}
        {%- set minutes = offset_minutes(text_part(after_day, '[-+].*$')) -%}
        case
            when {{ text_matches(expression, day ~ '(?:' ~ time_of_day ~ 'Z?)?') }} then {{ as_written }}
            when {{ text_matches(expression, day ~ time_of_day ~ offset) }}
                then cast({{ dbt.dateadd('minute', '-' ~ minutes, as_written) }} as timestamp)
        end
    {%- endif -%}
{%- endmacro %}

{% macro offset_minutes(offset) -%}
    {%- set digits = "replace(" ~ offset ~ ", ':', '')" -%}
    (
        cast(left({{ offset }}, 1) || '1' as integer) * (
            60 * cast(substr({{ digits }}, 2, 2) as integer)
            + coalesce(cast(nullif(substr({{ digits }}, 4, 2), '') as integer), 0)
        )
    )
{%- endmacro %}

{% macro parse_raw_time(table, column, relation) -%}
    {%- set family = families_as_read(table, relation)[column] -%}
    {%- if family == 'text' -%}
        {{ parse_time(clean_text('cast(' ~ column ~ ' as ' ~ dbt.type_string() ~ ')'), family) }}
    {%- else -%}
        {{ parse_time(column, family) }}
    {%- endif -%}
{%- endmacro %}
