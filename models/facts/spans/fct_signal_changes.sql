{%- set as_of_date = '(select as_of_date from ' ~ ref('as_of_date') ~ ' as reporting_day)' -%}

-- pairs of days: many customers share one, so that there are few of them to cross with the grains
with days as (

    select
        brand_id,
        signal_date,
        previous_signal_date,
        count(*) as signals
    from {{ ref('fct_signal_days') }}
    group by brand_id, signal_date, previous_signal_date

),

covered as (

    select
        *,
        {{ add_days('signal_date', brand_value('churn.window_days')) }} as covered_until,
        {{ add_days('previous_signal_date', brand_value('churn.window_days')) }} as previously_covered_until
    from days

),

-- the days on which a signal's time has run out so far
expired as (

    select
        *,
        case when covered_until <= {{ as_of_date }} then covered_until end as ran_out_on,
        case when previously_covered_until <= {{ as_of_date }} then previously_covered_until end as previous_ran_out_on
    from covered

),

-- a signal outlasts the periods from the one after its own to the one before that in which its time runs out
ranges as (

    select
        expired.brand_id,
        grains.period_grain,
        expired.previous_signal_date,
        expired.signals,
        {{ add_days(end_of_period('grains.period_grain', 'expired.signal_date'), 1) }} as first_start,
        {{ start_of_period('grains.period_grain', 'expired.ran_out_on') }} as end_start,
        {{ start_of_period('grains.period_grain', 'expired.previous_ran_out_on') }} as previous_end_start
    from expired
    cross join {{ ref('int_period_grains') }} as grains
    {{ optimization_fence() }}

),

-- a period counts for the first of a customer's signals that outlasts it, so that each customer counts once
new_ranges as (

    select
        brand_id,
        period_grain,
        {{ greatest('first_start', 'previous_end_start') }} as first_start,
        end_start,
        signals
    from ranges
    where
        (previous_signal_date is null or previous_end_start is not null)
        and (end_start is null or {{ greatest('first_start', 'previous_end_start') }} < end_start)

),

changes as (

    select
        brand_id,
        period_grain,
        first_start as period_start,
        sum(signals) as change
    from new_ranges
    group by brand_id, period_grain, first_start

    union all

    select
        brand_id,
        period_grain,
        end_start,
        -sum(signals)
    from new_ranges
    where end_start is not null
    group by brand_id, period_grain, end_start

)

select
    brand_id,
    period_grain,
    period_start,
    cast(sum(change) as bigint) as outlasting_change
from changes
group by brand_id, period_grain, period_start
