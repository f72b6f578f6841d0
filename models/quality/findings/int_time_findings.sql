{#- the loop: eight times are counted alike -#}
{#- every time with a business date: its column, whether it has a time of day, and the date -#}
{%- set times = [
    ['orders', ref('fct_orders'), 'ordered_at', 'has_time_of_day', 'order_date'],
    ['customers', ref('stg_customers'), 'signed_up_at', 'has_time_of_day', 'signed_up_on'],
    ['customers', ref('stg_customers'), 'membership_joined_at', 'membership_joined_at_has_time_of_day',
        'membership_joined_on'],
    ['interactions', ref('stg_interactions'), 'occurred_at', 'has_time_of_day', 'interaction_date'],
    ['subscriptions', ref('stg_subscriptions'), 'started_at', 'has_time_of_day', 'started_on'],
    ['subscriptions', ref('stg_subscriptions'), 'ended_at', 'ended_at_has_time_of_day', 'ended_on'],
    ['feedback', ref('stg_feedback'), 'submitted_at', 'has_time_of_day', 'submitted_on'],
    ['marketing_spend', ref('stg_marketing_spend'), 'spend_date', 'has_time_of_day', 'spent_on'],
] -%}

with times as (

    {%- for table, relation, column, has_time_of_day, business_date in times %}

    select
        brand_id,
        '{{ table }}' as source_table,
        '{{ column }}' as column_name,
        {{ loop.index }} as place,
        count(*) as timed_rows,
        count(*) filter (where {{ is_midnight(column) }}) as midnight_rows,
        min({{ column }}) as first_time,
        min({{ business_date }}) as first_date
    from {{ relation }}
    where {{ has_time_of_day }}
    group by brand_id
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

zones as (

    select
        brand_id,
        value as timezone
    from {{ ref('brand_settings') }}
    where setting = 'timezone' and value not in ('UTC', 'Etc/UTC', 'GMT', 'Etc/GMT')

)

select
    times.brand_id,
    times.source_table,
    'times_at_midnight' as finding,
    sum(times.midnight_rows) as row_count,
    {{ dbt.listagg(
        "times.column_name || ' ' || cast(times.first_time as " ~ dbt.type_string() ~ ") || ', which counts on '"
        " || cast(times.first_date as " ~ dbt.type_string() ~ ')',
        "'; '",
        'order by times.place'
    ) }} as example,
    'Every value with a time of day is midnight in UTC, and its day is that of ' || zones.timezone
    || '. If they are dates, add dates_at_midnight: {' || times.source_table || ': ['
    || {{ dbt.listagg('times.column_name', "', '", 'order by times.place') }}
    || ']} to the brand.' as hint
from times
inner join zones
    on times.brand_id = zones.brand_id
where times.timed_rows = times.midnight_rows
group by times.brand_id, times.source_table, zones.timezone
