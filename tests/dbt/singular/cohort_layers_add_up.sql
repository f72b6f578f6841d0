-- Identity: the cohorts' net revenue and orders of a quarter or year add up to those of brand_metrics, to the cent, by
-- quarters and by years of the cohorts; so do the customers who ordered.
-- Rows: periods in which they do not.
with layers as (

    select
        brand_id,
        cohort_grain,
        period_grain,
        period_start,
        sum(customers) as customers,
        sum(orders) as orders,
        sum(net_revenue) as net_revenue
    from {{ ref('cohort_calendar') }}
    group by brand_id, cohort_grain, period_grain, period_start

),

periods as (

    select
        metrics.brand_id,
        grains.period_grain as cohort_grain,
        metrics.period_grain,
        metrics.period_start,
        metrics.purchasing_customers,
        metrics.orders,
        metrics.net_revenue
    from {{ ref('brand_metrics') }} as metrics
    inner join {{ ref('int_period_grains') }} as grains
        on grains.period_grain in ('quarter', 'year')
    where
        metrics.period_grain in ('quarter', 'year')
        and metrics.orders > 0

)

select
    coalesce(periods.brand_id, layers.brand_id) as brand_id,
    coalesce(periods.cohort_grain, layers.cohort_grain) as cohort_grain,
    coalesce(periods.period_grain, layers.period_grain) as period_grain,
    coalesce(periods.period_start, layers.period_start) as period_start,
    layers.net_revenue,
    periods.net_revenue as net_revenue_of_metrics
from periods
full outer join layers
    on
        periods.brand_id = layers.brand_id
        and periods.cohort_grain = layers.cohort_grain
        and periods.period_grain = layers.period_grain
        and periods.period_start = layers.period_start
where
    coalesce(layers.net_revenue, 0) <> coalesce(periods.net_revenue, 0)
    or coalesce(layers.orders, 0) <> coalesce(periods.orders, 0)
    or coalesce(layers.customers, 0) <> coalesce(periods.purchasing_customers, 0)
