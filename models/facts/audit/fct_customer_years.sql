with purchases as (

    select
        orders.brand_id,
        orders.customer_id,
        orders.order_date,
        orders.first_order_date,
        orders.net_revenue,
        case
            when orders.order_date > {{ add_days('running.as_of_date', -365) }}
                then {{ add_days('running.as_of_date', -364) }}
            when orders.order_date > {{ add_days('running.as_of_date', -730) }}
                then {{ add_days('running.as_of_date', -729) }}
        end as trailing_year_start,
        -- a running year is compared with as many first days of the year before
        coalesce(
            orders.order_date <= running.last_compared_day or orders.order_date >= running.period_start, true
        ) as counts_for_next_year
    from {{ ref('fct_orders') }} as orders
    cross join {{ ref('int_running_periods') }} as running
    where
        orders.is_purchase
        and running.period_grain = 'year'

)

select
    brand_id,
    customer_id,
    'year' as period_grain,
    {{ period_start('year', 'order_date') }} as period_start,
    min(first_order_date) as first_order_date,
    max(order_date) as last_order_date_of_period,
    count(*) as orders,
    cast(sum(net_revenue) as {{ type_decimal(38, 4) }}) as net_revenue,
    cast(sum(case when counts_for_next_year then net_revenue end) as {{ type_decimal(38, 4) }})
        as net_revenue_to_compare
from purchases
group by brand_id, customer_id, {{ period_start('year', 'order_date') }}

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
from purchases
where trailing_year_start is not null
group by brand_id, customer_id, trailing_year_start
