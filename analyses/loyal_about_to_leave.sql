-- Question: Which loyal customers are about to leave, and what do they bring?
-- Reading: their last order lies at least twice their usual gap back. The highest revenue of a year comes first;
-- share_up_to_here is the share of all loyal customers' revenue at stake down to that row.
with customers as (

    select * from {{ ref('customers') }}
    where is_loyal

),

totals as (

    select
        brand_id,
        sum(net_revenue_365d) as net_revenue_365d
    from customers
    group by brand_id

),

leaving as (

    select
        *,
        sum(net_revenue_365d) over (
            partition by brand_id
            order by net_revenue_365d desc, {{ byte_order('customer_id') }}
            rows unbounded preceding
        ) as net_revenue_up_to_here
    from customers
    where overdue_ratio >= 2

)

select
    leaving.brand_id,
    leaving.customer_id,
    leaving.is_contactable,
    leaving.last_order_date,
    leaving.next_order_expected_on,
    leaving.overdue_ratio,
    leaving.last_base_day as leaves_the_base_after,
    leaving.active_product_subscriptions + leaving.active_service_subscriptions as running_subscriptions,
    leaving.lifetime_orders,
    leaving.net_revenue_365d,
    {{ ratio('leaving.net_revenue_up_to_here', 'totals.net_revenue_365d') }} as share_up_to_here
from leaving
inner join totals
    on leaving.brand_id = totals.brand_id
order by leaving.brand_id asc, leaving.net_revenue_365d desc, leaving.customer_id asc
