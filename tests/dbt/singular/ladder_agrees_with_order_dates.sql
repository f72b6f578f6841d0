-- Identity: the ladder has a gap for every date on which a customer ordered, and each but a customer's last one has
-- ended. The rungs 1 to 10+ are parts of all, with a gap from the first order date of each of their customers.
-- Rows: brands whose ladder says otherwise.
with ladder as (

    select
        brand_id,
        sum(case when from_order = 'all' then events + censored end) as gaps,
        sum(case when from_order = 'all' then events end) as events,
        coalesce(sum(case when from_order <> 'all' then events + censored end), 0) as gaps_of_rungs,
        coalesce(sum(case when from_order <> 'all' then censored end), 0) as customers_of_rungs,
        coalesce(sum(case when from_order = '1' then events + censored end), 0) as gaps_from_first
    from {{ ref('order_ladder') }}
    group by brand_id

),

summaries as (

    select
        brand_id,
        gaps,
        events,
        median_days,
        quartile_3_days
    from {{ ref('order_ladder_summary') }}
    where from_order = 'all'

)

select
    brands.brand_id,
    brands.order_gaps,
    brands.customers_with_orders,
    ladder.gaps,
    ladder.events,
    summaries.gaps as gaps_of_summary
from {{ ref('int_brands') }} as brands
left join ladder
    on brands.brand_id = ladder.brand_id
left join summaries
    on brands.brand_id = summaries.brand_id
where
    brands.customers_with_orders > 0
    and (
        coalesce(ladder.events <> brands.order_gaps, true)
        or ladder.gaps <> brands.order_gaps + brands.customers_with_orders
        or ladder.gaps_of_rungs > ladder.gaps
        or ladder.customers_of_rungs <> ladder.gaps_from_first
        or coalesce(summaries.gaps <> ladder.gaps, true)
        or coalesce(summaries.events <> ladder.events, true)
        or summaries.median_days > summaries.quartile_3_days
    )
