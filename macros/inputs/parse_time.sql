{% macro parse_time(expression, family) -%}
    {%- set day = '[0-9]{4}-[0-9]{2}-[0-9]{2}' -%}
    {%- set time_of_day = '[T ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.][0-9]+)?)?' -%}
    {%- set offset = '[-+](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?' -%}
    {%- if family in ['date', 'timestamp'] -%}
        case
            when {{ is_finite_time(expression) }} and {{ is_readable_time(expression) }}
                then cast({{ expression }} as timestamp)
        end
    {%- elif family == 'instant' -%}
        case
            when {{ is_finite_time(expression) }} and {{ is_readable_time(instant_to_utc(expression)) }}
                then {{ instant_to_utc(expression) }}
        end
    {%- else -%}
        {%- set after_day = 'substr(' ~ expression ~ ', 12)' -%}
        {%- set clock = "coalesce(" ~ text_part(after_day, '^[0-9:]+(?:[.][0-9]{1,6})?') ~ ", '00:00')" -%}
        {%- set as_written = text_to_timestamp("(left(" ~ expression ~ ", 10) || ' ' || " ~ clock ~ ")") -%}
        {%- set minutes = offset_minutes(text_part(after_day, '[-+].*$')) -%}
        {%- set in_utc = add_minutes(as_written, '-' ~ minutes) -%}
        case
            when not left({{ expression }}, 10) between '0001-01-02' and '9999-12-30' then null
            when {{ text_matches(expression, day ~ '(?:' ~ time_of_day ~ '(?:Z| UTC)?)?') }} then {{ as_written }}
            when {{ text_matches(expression, day ~ time_of_day ~ ' ?' ~ offset) }}
                then case when {{ is_readable_time(in_utc) }} then {{ in_utc }} end
        end
    {%- endif -%}
{%- endmacro %}
