{{ config(materialized=costly_view()) }}

{#- months have one reader, and writing them takes DuckDB longer than grouping them; Spark groups them for each CTE -#}

with purchases as (

    select
        orders.brand_id,
        orders.customer_id,
        orders.order_date,
        orders.first_order_date,
        orders.net_revenue,
        -- a running month is compared with as many first days of the month before, and at most with all of it
        coalesce(
            orders.order_date <= running.last_compared_day or orders.order_date >= running.period_start, true
        ) as counts_for_next_month
    from {{ ref('fct_orders') }} as orders
    cross join {{ ref('int_running_periods') }} as running
    where
        orders.is_purchase
        and running.period_grain = 'month'

)

select
    brand_id,
    customer_id,
    'month' as period_grain,
    {{ period_start('month', 'order_date') }} as period_start,
    min(first_order_date) as first_order_date,
    cast(sum(net_revenue) as {{ type_decimal(38, 4) }}) as net_revenue,
    cast(sum(case when counts_for_next_month then net_revenue end) as {{ type_decimal(38, 4) }})
        as net_revenue_to_compare
from purchases
group by brand_id, customer_id, {{ period_start('month', 'order_date') }}

union all

select
    brand_id,
    customer_id,
    period_grain,
    period_start,
    first_order_date,
    net_revenue,
    net_revenue_to_compare
from {{ ref('fct_customer_years') }}
