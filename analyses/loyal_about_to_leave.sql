-- Question: Which loyal customers are about to leave, and what is at stake?
-- Reading: loyal by the brand's own rule, its conditions on silence left aside, and likely to leave the base without
-- another order, or days away from it. Those with the most at stake come first; share_up_to_here is the share of all
-- that is at stake with customers who are loyal in this sense, down to that row.
with customers as (

    select * from {{ ref('customers') }}
    where is_loyal_but_for_silence

),

totals as (

    select
        brand_id,
        sum(value_at_stake) as value_at_stake
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
        sum(customers.value_at_stake) over (
            partition by customers.brand_id
            order by customers.value_at_stake desc, {{ byte_order('customers.customer_id') }}
            rows unbounded preceding
        ) as value_up_to_here
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
    leaving.is_loyal as is_still_loyal,
    leaving.last_order_date,
    leaving.last_base_day as leaves_the_base_after,
    leaving.p_order_90d,
    leaving.churn_probability,
    leaving.lifetime_orders,
    leaving.net_revenue_365d,
    leaving.value_at_stake,
    {{ ratio('leaving.value_up_to_here', 'totals.value_at_stake') }} as share_up_to_here
from leaving
inner join totals
    on leaving.brand_id = totals.brand_id
order by leaving.brand_id asc, leaving.value_at_stake desc, {{ byte_order('leaving.customer_id') }} asc
