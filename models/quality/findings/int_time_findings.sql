with times as (

    {{ midnight_times('orders', 'ordered_at', ref('fct_orders'), 'has_time_of_day', 'order_date') }}

    union all

    {{ midnight_times('customers', 'signed_up_at', ref('stg_customers'), 'has_time_of_day', 'signed_up_on') }}

    union all

    {{ midnight_times(
        'customers', 'membership_joined_at', ref('stg_customers'), 'membership_joined_at_has_time_of_day',
        'membership_joined_on'
    ) }}

    union all

    {{ midnight_times(
        'interactions', 'occurred_at', ref('stg_interactions'), 'has_time_of_day', 'interaction_date'
    ) }}

    union all

    {{ midnight_times('subscriptions', 'started_at', ref('stg_subscriptions'), 'has_time_of_day', 'started_on') }}

    union all

    {{ midnight_times(
        'subscriptions', 'ended_at', ref('stg_subscriptions'), 'ended_at_has_time_of_day', 'ended_on'
    ) }}

    union all

    {{ midnight_times('feedback', 'submitted_at', ref('stg_feedback'), 'has_time_of_day', 'submitted_on') }}

    union all

    {{ midnight_times(
        'marketing_spend', 'spend_date', ref('stg_marketing_spend'), 'has_time_of_day', 'spent_on'
    ) }}

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
        'order by times.column_name desc'
    ) }} as example,
    'Every value with a time of day is midnight in UTC, and its day is that of ' || zones.timezone
    || '. If they are dates, add dates_at_midnight: {' || times.source_table || ': ['
    || {{ dbt.listagg('times.column_name', "', '", 'order by times.column_name desc') }}
    || ']} to the brand.' as hint
from times
inner join zones
    on times.brand_id = zones.brand_id
where times.timed_rows = times.midnight_rows
group by times.brand_id, times.source_table, zones.timezone
