-- the history has the customers who changed stage within a period; the rest of the stage's customers stayed
with history as (

    select * from {{ ref('lifecycle_stage_history') }}

),

stages as (

    select
        *,
        lag(customers) over (partition by brand_id, period_grain, stage order by period_start) as customers_at_start
    from {{ ref('lifecycle_stages') }}

),

-- the periods that hold a date are worked out once per date, not once per row of the history
days as (

    select distinct valid_from as calendar_date from history

),

calendar as (

    select
        days.calendar_date,
        grains.period_grain,
        {{ start_of_period('grains.period_grain', 'days.calendar_date') }} as period_start,
        {{ end_of_period('grains.period_grain', 'days.calendar_date') }} as period_end
    from days
    cross join {{ ref('int_period_grains') }} as grains
    {{ optimization_fence() }}

),

changes as (

    select
        history.brand_id,
        history.customer_id,
        calendar.period_grain,
        calendar.period_start,
        case
            when history.previous_valid_from is null then 'unknown'
            when history.previous_valid_from < calendar.period_start then history.previous_stage
        end as from_stage,
        case
            when history.valid_to is null or history.valid_to > calendar.period_end then history.stage
        end as to_stage
    from history
    inner join calendar
        on history.valid_from = calendar.calendar_date

),

-- a period's first change gives the stage at its start, its last change the stage at its end: most are both, and are
-- counted; the others are put together by customer
movers as (

    select
        brand_id,
        period_grain,
        period_start,
        case when from_stage is null or to_stage is null then customer_id end as customer_id,
        max(from_stage) as from_stage,
        max(to_stage) as to_stage,
        count(*) as changes
    from changes
    group by
        brand_id,
        period_grain,
        period_start,
        case when from_stage is null or to_stage is null then customer_id end,
        case when to_stage is not null then from_stage end,
        case when from_stage is not null then to_stage end

),

moves as (

    select
        brand_id,
        period_grain,
        period_start,
        from_stage,
        to_stage,
        sum(case when customer_id is null then changes else 1 end) as customers
    from movers
    group by brand_id, period_grain, period_start, from_stage, to_stage

),

movers_from as (

    select
        brand_id,
        period_grain,
        period_start,
        from_stage,
        sum(customers) as customers
    from moves
    group by brand_id, period_grain, period_start, from_stage

),

pairs as (

    select
        brand_id,
        period_grain,
        period_start,
        from_stage,
        to_stage,
        customers
    from moves

    union all

    select
        stages.brand_id,
        stages.period_grain,
        stages.period_start,
        stages.stage as from_stage,
        stages.stage as to_stage,
        stages.customers_at_start - coalesce(movers_from.customers, 0)
    from stages
    left join movers_from
        on
            stages.brand_id = movers_from.brand_id
            and stages.period_grain = movers_from.period_grain
            and stages.period_start = movers_from.period_start
            and stages.stage = movers_from.from_stage

),

summed as (

    select
        brand_id,
        period_grain,
        period_start,
        from_stage,
        to_stage,
        sum(customers) as customers
    from pairs
    group by brand_id, period_grain, period_start, from_stage, to_stage
    having sum(customers) > 0

)

select
    summed.brand_id,
    summed.period_grain,
    summed.period_start,
    periods.is_complete_period,
    summed.from_stage,
    summed.to_stage,
    cast(summed.customers as bigint) as customers,
    {{ ratio('summed.customers', 'stages.customers_at_start') }} as transition_rate
from summed
inner join {{ ref('int_brand_periods') }} as periods
    on
        summed.brand_id = periods.brand_id
        and summed.period_grain = periods.period_grain
        and summed.period_start = periods.period_start
left join stages
    on
        summed.brand_id = stages.brand_id
        and summed.period_grain = stages.period_grain
        and summed.period_start = stages.period_start
        and summed.from_stage = stages.stage
