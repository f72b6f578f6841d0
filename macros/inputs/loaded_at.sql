{# dbt holds the answer against the clock. A day of the past is to be as fresh as it was then, so the answer is the
   clock less the days from the latest row to `as_of_date`. -#}
{% macro loaded_at(table) -%}
    {%- set settings = project_settings() -%}
    {%- set is_landed = settings.raw_dir is not none or settings.raw_schema is not none -%}
    {%- set limits = settings.max_source_age_days -%}
    {%- set is_limited = (limits[table] is not none) if table in limits else (table == 'orders') -%}
    {%- set source = raw_source(table) if is_landed and is_limited else {} -%}
    {%- if not source.relation -%}
select {{ dbt.current_timestamp() }} as loaded_at
    {%- else -%}
    {%- set event = raw_tables()[table].event_time -%}
    {%- set family = column_family(source.columns[event].type) if event in source.columns else 'text' -%}
    {%- set is_time = family in ['date', 'timestamp', 'instant'] -%}
    {%- set text_type = dbt.type_string() -%}
    {%- set has_time_of_day = 'has_time_of_day' -%}
    {%- if brands_with_dates_at_midnight(table, event) -%}
        {%- set is_date = is_date_at_midnight(table, event, 'event_time') -%}
        {%- set has_time_of_day = '(has_time_of_day and not ' ~ is_date ~ ')' -%}
    {%- endif -%}
    {%- set as_of_date = sql_text(settings.as_of_date) if settings.as_of_date is not none else 'current_timestamp' -%}
    {%- set days = dbt.datediff('min(latest_date)', 'cast(' ~ as_of_date ~ ' as date)', 'day') -%}
with landed as (

    {{ read_raw_table(table) }}

),

trimmed as (

    select
        {{ parse_raw_identifier('brand_id', column_family(source.columns.brand_id.type)) }} as brand_id,
        {{ event if is_time else clean_text('cast(' ~ event ~ ' as ' ~ text_type ~ ')') }} as event_time
    from landed

),

typed as (

    select
        brand_id,
        {{ (family != 'date') | string | lower if is_time else 'length(event_time) > 10' }} as has_time_of_day,
        {{ parse_time('event_time', family if is_time else 'text') }} as event_time
    from trimmed

),

dated as (

    select
        brand_id,
        {{ business_date('event_time', has_time_of_day) }} as event_date
    from typed
    where brand_id in ({{ sql_text_list(brand_settings() | list) }})

),

-- the brand that has waited longest: its silence would not show beside others
brands as (

    select
        brand_id,
        max(event_date) as latest_date
    from dated
    where event_date <= cast({{ as_of_date }} as date)
    group by brand_id

)

select {{ dbt.dateadd('day', '-' ~ days, dbt.current_timestamp()) }} as loaded_at
from brands
    {%- endif -%}
{%- endmacro %}
