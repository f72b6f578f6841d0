with amounts as (

    select
        brand_id,
        period_grain,
        period_start,
        net_revenue,
        revenue_rank,
        customers_of_period,
        customers
    from {{ ref('int_revenue_ranks') }}
    where not is_only_compared

),

cumulated as (

    select
        *,
        sum(net_revenue * customers) over (partition by brand_id, period_grain, period_start) as total,
        sum(net_revenue * customers) over (
            partition by brand_id, period_grain, period_start
            order by net_revenue desc rows between unbounded preceding and current row
        ) - net_revenue * customers as net_revenue_of_larger
    from amounts

),

-- all customers with larger revenue, and as many with this amount as are needed to reach half of the total
halves as (

    select
        brand_id,
        period_grain,
        period_start,
        revenue_rank,
        net_revenue,
        total - 2 * net_revenue_of_larger as missing,
        cast(floor({{ ratio('total - 2 * net_revenue_of_larger', '2 * net_revenue') }}) as bigint) as customers_at_least
    from cumulated
    where
        2 * net_revenue_of_larger < total
        and 2 * (net_revenue_of_larger + net_revenue * customers) >= total

),

inequality as (

    select
        brand_id,
        period_grain,
        period_start,
        customers_of_period as customers,
        -- the rank of customers with the same revenue is the mean of the ranks that they share
        {{ ratio(
            'sum(customers * net_revenue * (customers_of_period + 2 - 2 * revenue_rank - customers))',
            'max(customers_of_period * total)'
        ) }} as gini
    from cumulated
    group by brand_id, period_grain, period_start, customers_of_period

)

select
    inequality.brand_id,
    inequality.period_grain,
    inequality.period_start,
    inequality.customers,
    inequality.gini,
    halves.revenue_rank - 1 + halves.customers_at_least
    + case when 2 * halves.net_revenue * halves.customers_at_least < halves.missing then 1 else 0 end
        as customers_for_half_of_revenue
from inequality
left join halves
    on
        inequality.brand_id = halves.brand_id
        and inequality.period_grain = halves.period_grain
        and inequality.period_start = halves.period_start
