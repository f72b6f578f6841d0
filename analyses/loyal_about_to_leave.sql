-- Question: Which loyal customers are about to leave, and what do they bring?
-- Reading: loyal but for their silence, and likely to leave the base without another order, or days away from it. The
-- highest revenue of a year comes first; share_up_to_here is the share of all loyal customers' revenue at stake down to
-- that row.
with customers as (

    select * from {{ ref('customers') }}
    where is_loyal_but_for_silence

),

totals as (

    select
        brand_id,
        sum(net_revenue_365d) as net_revenue_365d
    from customers
    group by brand_id

),

alerts as (

    select * from {{ ref('lifecycle_alerts') }}
    where alert_type = 'loyal_at_risk'

),

leaving as (

    select
        customers.*,
        sum(customers.net_revenue_365d) over (
            partition by customers.brand_id
            order by customers.net_revenue_365d desc, {{ byte_order('customers.customer_id') }}
            rows unbounded preceding
        ) as net_revenue_up_to_here
    from customers
    inner join alerts
        on
            customers.brand_id = alerts.brand_id
            and customers.customer_id = alerts.customer_id

)

select
    leaving.brand_id,
    leaving.customer_id,
    leaving.is_contactable,
    leaving.last_order_date,
    leaving.churn_probability,
    leaving.p_order_90d,
    leaving.last_base_day as leaves_the_base_after,
    leaving.active_product_subscriptions + leaving.active_service_subscriptions as running_subscriptions,
    leaving.lifetime_orders,
    leaving.net_revenue_365d,
    leaving.value_at_stake,
    {{ ratio('leaving.net_revenue_up_to_here', 'totals.net_revenue_365d') }} as share_up_to_here
from leaving
inner join totals
    on leaving.brand_id = totals.brand_id
order by leaving.brand_id asc, leaving.net_revenue_365d desc, leaving.customer_id asc
