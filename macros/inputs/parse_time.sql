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
        {%- set in_utc = 'cast(' ~ dbt.dateadd('minute', '-' ~ minutes, as_written) ~ ' as timestamp)' -%}
        case
            when not left({{ expression }}, 10) between '0001-01-02' and '9999-12-30' then null
            when {{ text_matches(expression, day ~ '(?:' ~ time_of_day ~ '(?:Z| UTC)?)?') }} then {{ as_written }}
            when {{ text_matches(expression, day ~ time_of_day ~ ' ?' ~ offset) }}
                then case when {{ is_readable_time(in_utc) }} then {{ in_utc }} end
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

{#- A day of room at either end: a time zone moves a time by less, and no program has a year 0 or 10000 to show. -#}
{% macro is_readable_time(expression) -%}
    cast({{ expression }} as date) between cast('0001-01-02' as date) and cast('9999-12-30' as date)
{%- endmacro %}
