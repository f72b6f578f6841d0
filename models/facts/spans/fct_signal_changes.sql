{#- the loop: ranges are counted grain by grain, in place of crossing all days with the grains first -#}
{%- set as_of_date = '(select as_of_date from ' ~ ref('as_of_date') ~ ')' -%}
{%- set grains = period_grains() -%}

with days as (

    select
        *,
        {{ add_days('signal_date', brand_value('churn.window_days')) }} as covered_until,
        {{ add_days('previous_signal_date', brand_value('churn.window_days')) }} as previously_covered_until
    from {{ ref('fct_signal_days') }}

),

-- the periods that a signal of before them outlasts: from the one after it to the one before that in which it runs out
ranges as (

    {% for grain in grains -%}
    select
        brand_id,
        '{{ grain }}' as period_grain,
        previous_signal_date,
        {{ add_days('cast(' ~ dbt.last_day('signal_date', grain) ~ ' as date)', 1) }} as first_start,
        case when covered_until <= {{ as_of_date }} then {{ period_start(grain, 'covered_until') }} end as end_start,
        case
            when previously_covered_until <= {{ as_of_date }} then {{ period_start(grain, 'previously_covered_until') }}
        end as previous_end_start
    from days
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- a period counts for the first of a customer's signals that outlasts it, so that each customer counts once
new_ranges as (

    select
        brand_id,
        period_grain,
        greatest(first_start, previous_end_start) as first_start,
        end_start
    from ranges
    where
        (previous_signal_date is null or previous_end_start is not null)
        and (end_start is null or greatest(first_start, previous_end_start) < end_start)

),

changes as (

    select
        brand_id,
        period_grain,
        first_start as period_start,
        count(*) as change
    from new_ranges
    group by brand_id, period_grain, first_start

    union all

    select
        brand_id,
        period_grain,
        end_start,
        -count(*)
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
