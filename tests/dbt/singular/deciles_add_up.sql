-- Identity: the tenths of a year hold its buyers and its net revenue, those of calendar years as brand_metrics has
-- them; so does value_concentration. Whoever moves to a tenth is in it, and whoever comes from a tenth was in it.
-- Rows: years and tenths that break one of these.
with years as (

    select
        brand_id,
        period_grain,
        period_start,
        sum(customers) as customers,
        sum(net_revenue) as net_revenue,
        max(cumulative_revenue_share) as cumulative_revenue_share
    from {{ ref('value_deciles') }}
    group by brand_id, period_grain, period_start

),

moves as (

    select
        brand_id,
        period_grain,
        period_start,
        to_decile as decile,
        sum(customers) as customers
    from {{ ref('decile_migration') }}
    where to_decile > 0
    group by brand_id, period_grain, period_start, to_decile

),

origins as (

    select
        brand_id,
        period_start,
        from_decile as decile,
        sum(customers) as customers
    from {{ ref('decile_migration') }}
    where from_decile > 0 and period_grain = 'year'
    group by brand_id, period_start, from_decile

)

select
    years.brand_id,
    years.period_grain,
    years.period_start,
    cast(null as bigint) as decile
from years
left join {{ ref('brand_metrics') }} as metrics
    on
        years.brand_id = metrics.brand_id
        and years.period_grain = metrics.period_grain
        and years.period_start = metrics.period_start
left join {{ ref('value_concentration') }} as concentration
    on
        years.brand_id = concentration.brand_id
        and years.period_grain = concentration.period_grain
        and years.period_start = concentration.period_start
where
    coalesce(years.customers <> concentration.customers, true)
    or abs(years.cumulative_revenue_share - 1) > 1e-9
    or concentration.gini not between 0 and 1
    or 2 * concentration.customers_for_half_of_revenue > years.customers + 1
    or (
        years.period_grain = 'year'
        and (
            coalesce(years.customers <> metrics.purchasing_customers, true)
            or years.net_revenue <> metrics.net_revenue
        )
    )

union all

select
    moves.brand_id,
    moves.period_grain,
    moves.period_start,
    moves.decile
from moves
left join {{ ref('value_deciles') }} as deciles
    on
        moves.brand_id = deciles.brand_id
        and moves.period_grain = deciles.period_grain
        and moves.period_start = deciles.period_start
        and moves.decile = deciles.decile
where moves.customers <> coalesce(deciles.customers, 0)

union all

select
    origins.brand_id,
    'year' as period_grain,
    origins.period_start,
    origins.decile
from origins
left join {{ ref('value_deciles') }} as deciles
    on
        origins.brand_id = deciles.brand_id
        and deciles.period_grain = 'year'
        and deciles.period_start = {{ period_start('year', add_days('origins.period_start', -1)) }}
        and origins.decile = deciles.decile
where origins.customers <> coalesce(deciles.customers, 0)
