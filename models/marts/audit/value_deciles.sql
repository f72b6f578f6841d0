with deciles as (

    select
        brand_id,
        period_grain,
        period_start,
        decile,
        count(*) as customers,
        sum(net_revenue) as net_revenue,
        cast(sum(orders) as bigint) as orders,
        avg(cast({{ dbt.datediff('last_order_date_of_period', 'period_end', 'day') }} as {{ type_double() }}))
            as average_recency_days
    from {{ ref('fct_customer_deciles') }}
    where not is_only_compared
    group by brand_id, period_grain, period_start, decile

),

periods as (

    select
        brand_id,
        period_grain,
        period_start,
        sum(net_revenue) as net_revenue
    from deciles
    group by brand_id, period_grain, period_start

),

-- with fewer than ten customers some deciles are empty
filled as (

    select
        periods.brand_id,
        periods.period_grain,
        periods.period_start,
        periods.net_revenue as net_revenue_of_period,
        numbers.decile,
        coalesce(deciles.customers, 0) as customers,
        coalesce(deciles.net_revenue, 0) as net_revenue,
        coalesce(deciles.orders, 0) as orders,
        deciles.average_recency_days
    from periods
    cross join {{ values_table(range(1, 11), 'numbers', 'decile') }}
    left join deciles
        on
            periods.brand_id = deciles.brand_id
            and periods.period_grain = deciles.period_grain
            and periods.period_start = deciles.period_start
            and numbers.decile = deciles.decile

)

select
    brand_id,
    period_grain,
    period_start,
    cast(decile as bigint) as decile,
    customers,
    cast(net_revenue as {{ type_decimal(38, 4) }}) as net_revenue,
    {{ ratio('net_revenue', 'net_revenue_of_period') }} as revenue_share,
    {{ ratio(
        'sum(net_revenue) over ('
        ~ 'partition by brand_id, period_grain, period_start order by decile rows unbounded preceding)',
        'net_revenue_of_period'
    ) }} as cumulative_revenue_share,
    orders,
    {{ ratio('net_revenue', 'orders') }} as average_order_value,
    {{ ratio('orders', 'customers') }} as purchase_frequency,
    average_recency_days
from filled
