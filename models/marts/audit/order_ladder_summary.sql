{#- range: a window that begins on a day of the ladder sees that day's row -#}
{%- set so_far = 'range between unbounded preceding and current row' -%}
{%- set up_to_the_day = 'partition by brand_id, from_order order by day ' ~ so_far -%}
{%- set from_the_day = 'partition by brand_id, from_order order by day desc ' ~ so_far -%}
{%- set as_of_date = '(select as_of_date from ' ~ ref('as_of_date') ~ ' as reporting_day)' -%}
{%- set churn_window_days = brand_value('churn.window_days') -%}
{%- set follow_up_days = brand_value('window_advice.follow_up_days') -%}

with ladder as (

    select
        *,
        max(day) over (partition by brand_id, from_order) as longest_gap
    from {{ ref('order_ladder') }}

),

-- survival never rises, so the last one up to a day is the least
rungs as (

    select
        brand_id,
        from_order,
        longest_gap,
        sum(events + censored) as gaps,
        sum(events) as events,
        1 - coalesce(min(case when day <= 30 then survival end), 1) as ordered_again_within_30d,
        1 - coalesce(min(case when day <= 60 then survival end), 1) as ordered_again_within_60d,
        1 - coalesce(min(case when day <= 90 then survival end), 1) as ordered_again_within_90d,
        1 - coalesce(min(case when day <= 180 then survival end), 1) as ordered_again_within_180d,
        1 - coalesce(min(case when day <= 365 then survival end), 1) as ordered_again_within_365d,
        min(case when survival <= 0.5 + 1e-9 then day end) as median_days,
        min(case when survival <= 0.25 + 1e-9 then day end) as quartile_3_days
    from ladder
    group by brand_id, from_order, longest_gap

),

-- the share of those who return is a step function of the window: it changes only where one of these begins
windows as (

    select
        brand_id,
        from_order,
        longest_gap,
        cast({{ churn_window_days }} as bigint) as window_days
    from rungs

    {{ union_distinct() }}

    select
        brand_id,
        from_order,
        longest_gap,
        1 as window_days
    from rungs

    {{ union_distinct() }}

    select
        brand_id,
        from_order,
        longest_gap,
        day as window_days
    from ladder

    {{ union_distinct() }}

    select
        brand_id,
        from_order,
        longest_gap,
        day - {{ follow_up_days }} as window_days
    from ladder

),

ends as (

    select false as is_end
    union all
    select true as is_end

),

-- the two days at which survival is looked up for each window, among the days on which it is known
points as (

    select
        brand_id,
        from_order,
        day,
        survival,
        at_risk,
        null as window_days,
        null as is_end
    from ladder

    union all

    select
        windows.brand_id,
        windows.from_order,
        case
            when ends.is_end
                then windows.window_days + {{ brand_value('window_advice.follow_up_days', 'windows.brand_id') }}
            else windows.window_days
        end as day,
        null as survival,
        null as at_risk,
        windows.window_days,
        ends.is_end
    from windows
    cross join ends
    where
        windows.window_days >= 1
        and windows.window_days + {{ brand_value('window_advice.follow_up_days', 'windows.brand_id') }}
        <= windows.longest_gap

),

looked_up as (

    select
        brand_id,
        from_order,
        window_days,
        is_end,
        coalesce(min(survival) over ({{ up_to_the_day }}), 1) as survival,
        max(at_risk) over ({{ from_the_day }}) as at_risk
    from points

),

return_shares as (

    select
        brand_id,
        from_order,
        window_days,
        1 - max(case when is_end then survival end) / nullif(max(case when not is_end then survival end), 0)
            as return_share,
        max(case when is_end then at_risk end) as at_risk_at_end
    from looked_up
    where window_days is not null
    group by brand_id, from_order, window_days

),

advice as (

    select
        brand_id,
        from_order,
        max(case when window_days = {{ churn_window_days }} then return_share end) as return_share_at_setting,
        min(case
            when at_risk_at_end >= 50 and return_share <= {{ brand_value('window_advice.return_share') }} + 1e-9
                then window_days
        end) as advised_churn_window_days
    from return_shares
    group by brand_id, from_order

),

-- the day by which three quarters of those who return within a year have returned
first_year as (

    select
        brand_id,
        from_order,
        1 - min(survival) as returned
    from ladder
    where day <= 365
    group by brand_id, from_order

),

active_windows as (

    select
        ladder.brand_id,
        ladder.from_order,
        min(ladder.day) as advised_active_window_days
    from ladder
    inner join first_year
        on
            ladder.brand_id = first_year.brand_id
            and ladder.from_order = first_year.from_order
    where
        first_year.returned > 0
        and 1 - ladder.survival >= 0.75 * first_year.returned - 1e-9
    group by ladder.brand_id, ladder.from_order

),

churns as (

    select
        brand_id,
        'all' as from_order,
        count(*) as churns_followed,
        count(case when {{ dbt.datediff('span_end', 'next_span_start', 'day') }} <= {{ follow_up_days }} then 1 end)
            as false_churns
    from {{ ref('fct_customer_spans') }}
    where
        span_kind = 'base'
        and not is_open
        and {{ dbt.datediff('span_end', as_of_date, 'day') }} >= {{ follow_up_days }}
    group by brand_id

),

rung_names as (

    select '1' as from_order
    union all
    select '2' as from_order
    union all
    select '3-4' as from_order
    union all
    select '5-9' as from_order
    union all
    select '10+' as from_order
    union all
    select 'all' as from_order

),

-- every brand with orders has every rung
brand_rungs as (

    select
        brands.brand_id,
        rung_names.from_order,
        {{ brand_value('churn.window_days', 'brands.brand_id') }} as churn_window_days
    from {{ ref('int_brands') }} as brands
    cross join rung_names
    where brands.first_order_date is not null

)

select
    brand_rungs.brand_id,
    brand_rungs.from_order,
    cast(coalesce(rungs.gaps, 0) as bigint) as gaps,
    cast(coalesce(rungs.events, 0) as bigint) as events,
    case when rungs.longest_gap >= 30 then rungs.ordered_again_within_30d end as ordered_again_within_30d,
    case when rungs.longest_gap >= 60 then rungs.ordered_again_within_60d end as ordered_again_within_60d,
    case when rungs.longest_gap >= 90 then rungs.ordered_again_within_90d end as ordered_again_within_90d,
    case when rungs.longest_gap >= 180 then rungs.ordered_again_within_180d end as ordered_again_within_180d,
    case when rungs.longest_gap >= 365 then rungs.ordered_again_within_365d end as ordered_again_within_365d,
    rungs.median_days,
    rungs.quartile_3_days,
    cast(brand_rungs.churn_window_days as bigint) as churn_window_days,
    advice.return_share_at_setting,
    cast(advice.advised_churn_window_days as bigint) as advised_churn_window_days,
    case when advice.advised_churn_window_days is null then 'not_reached' else 'ok' end as advice_status,
    active_windows.advised_active_window_days,
    case when brand_rungs.from_order = 'all' then coalesce(churns.churns_followed, 0) end as churns_followed,
    case when brand_rungs.from_order = 'all' then coalesce(churns.false_churns, 0) end as false_churns,
    {{ ratio('churns.false_churns', 'churns.churns_followed') }} as false_churn_share
from brand_rungs
left join rungs
    on
        brand_rungs.brand_id = rungs.brand_id
        and brand_rungs.from_order = rungs.from_order
left join advice
    on
        brand_rungs.brand_id = advice.brand_id
        and brand_rungs.from_order = advice.from_order
left join active_windows
    on
        brand_rungs.brand_id = active_windows.brand_id
        and brand_rungs.from_order = active_windows.from_order
left join churns
    on
        brand_rungs.brand_id = churns.brand_id
        and brand_rungs.from_order = churns.from_order
