with recent_purchases as (

    select
        orders.brand_id,
        orders.customer_id,
        orders.order_date,
        orders.first_order_date,
        orders.net_revenue,
        case
            when orders.order_date > {{ add_days('reporting_day.as_of_date', -365) }}
                then {{ add_days('reporting_day.as_of_date', -364) }}
            else {{ add_days('reporting_day.as_of_date', -729) }}
        end as trailing_year_start
    from {{ ref('fct_orders') }} as orders
    cross join {{ ref('as_of_date') }} as reporting_day
    where
        orders.is_purchase
        and orders.order_date > {{ add_days('reporting_day.as_of_date', -730) }}

)

select
    purchases.brand_id,
    purchases.customer_id,
    'year' as period_grain,
    {{ period_start('year', 'purchases.order_date') }} as period_start,
    min(purchases.first_order_date) as first_order_date,
    max(purchases.order_date) as last_order_date_of_period,
    count(*) as orders,
    cast(sum(purchases.net_revenue) as {{ type_decimal(38, 4) }}) as net_revenue,
    -- a running year is compared with as many first days of the year before
    cast(sum(
        case
            when
                coalesce(
                    purchases.order_date <= running.last_compared_day
                    or purchases.order_date >= running.period_start,
                    true
                )
                then purchases.net_revenue
        end
    ) as {{ type_decimal(38, 4) }}) as net_revenue_to_compare
from {{ ref('fct_orders') }} as purchases
cross join {{ ref('int_running_periods') }} as running
where
    purchases.is_purchase
    and running.period_grain = 'year'
group by purchases.brand_id, purchases.customer_id, {{ period_start('year', 'purchases.order_date') }}

union all

-- the 365 days to as_of_date, and the 365 before
select
    brand_id,
    customer_id,
    'trailing_year' as period_grain,
    trailing_year_start as period_start,
    min(first_order_date) as first_order_date,
    max(order_date) as last_order_date_of_period,
    count(*) as orders,
    cast(sum(net_revenue) as {{ type_decimal(38, 4) }}) as net_revenue,
    cast(sum(net_revenue) as {{ type_decimal(38, 4) }}) as net_revenue_to_compare
from recent_purchases
group by brand_id, customer_id, trailing_year_start
