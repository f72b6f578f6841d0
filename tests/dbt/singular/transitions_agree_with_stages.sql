-- Identity: the transitions out of a stage add up to the customers who were in it at the start of the period, and those
-- into a stage to the customers who are in it at the end; the rates out of a stage add up to 1.
-- Rows: periods and stages for which they differ.
with stages as (

    select
        brand_id,
        period_grain,
        period_start,
        stage,
        coalesce(
            lag(customers) over (partition by brand_id, period_grain, stage order by period_start), 0
        ) as customers_at_start,
        customers as customers_at_end
    from {{ ref('lifecycle_stages') }}

),

transitions as (

    select
        brand_id,
        period_grain,
        period_start,
        from_stage as stage,
        customers as customers_from,
        0 as customers_to,
        transition_rate
    from {{ ref('lifecycle_transitions') }}
    -- customers not known yet were in no stage
    where from_stage <> 'unknown'

    union all

    select
        brand_id,
        period_grain,
        period_start,
        to_stage as stage,
        0 as customers_from,
        customers as customers_to,
        null as transition_rate
    from {{ ref('lifecycle_transitions') }}

),

summed as (

    select
        brand_id,
        period_grain,
        period_start,
        stage,
        sum(customers_from) as customers_from,
        sum(customers_to) as customers_to,
        sum(transition_rate) as rates
    from transitions
    group by brand_id, period_grain, period_start, stage

)

select
    brand_id,
    period_grain,
    period_start,
    stage,
    stages.customers_at_start,
    summed.customers_from,
    stages.customers_at_end,
    summed.customers_to,
    summed.rates
from stages
full outer join summed
    using (brand_id, period_grain, period_start, stage)
where
    coalesce(stages.customers_at_start, 0) <> coalesce(summed.customers_from, 0)
    or coalesce(stages.customers_at_end, 0) <> coalesce(summed.customers_to, 0)
    or (summed.customers_from > 0 and coalesce(abs(summed.rates - 1), 1) > 1e-9)
