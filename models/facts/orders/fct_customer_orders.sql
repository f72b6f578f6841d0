{%- set as_of_date = '(select as_of_date from ' ~ ref('as_of_date') ~ ')' -%}
{%- set is_new_date = '(order_sequence = 1 or days_since_previous_order > 0)' -%}

with purchases as (

    select
        *,
        {{ dbt.datediff('order_date', as_of_date, 'day') }} as days_ago,
        {{ dbt.datediff('order_date', 'last_order_date', 'day') }} as days_before_last_order,
        {{ dbt.datediff('previous_order_date', 'order_date', 'day') }} as days_since_previous_order
    from {{ ref('fct_orders') }}
    where is_purchase

)

select
    brand_id,
    customer_id,
    min(order_date) as first_order_date,
    max(order_date) as last_order_date,
    count(*) as lifetime_orders,
    cast(sum(net_revenue) as decimal(38, 4)) as lifetime_net_revenue,
    count(*) filter (where days_ago < 30) as orders_30d,
    count(*) filter (where days_ago < 90) as orders_90d,
    count(*) filter (where days_ago < 365) as orders_365d,
    cast(coalesce(sum(net_revenue) filter (where days_ago < 365), 0) as decimal(38, 4)) as net_revenue_365d,
    -- the same at the customer's last order date: what silence since then has not yet taken away
    count(*) filter (where days_before_last_order < 30) as orders_30d_at_last_order,
    count(*) filter (where days_before_last_order < 90) as orders_90d_at_last_order,
    count(*) filter (where days_before_last_order < 365) as orders_365d_at_last_order,
    cast(sum(net_revenue) filter (where days_before_last_order < 365) as decimal(38, 4))
        as net_revenue_365d_at_last_order,
    count(*) filter (where is_discounted) as discounted_orders,
    -- dates on which at least one order was placed
    count(*) filter (where {{ is_new_date }}) as distinct_order_days,
    max(days_since_previous_order) filter (where order_sequence = 2) as days_to_second_order,
    percentile_cont(0.5) within group (order by cast(days_since_previous_order as {{ type_double() }}))
    filter (where days_since_previous_order > 0) as median_days_between_orders
from purchases
group by brand_id, customer_id
