-- Everyone in the customers export or with an order. Neither export says when they signed up, so customers are known
-- from their first order.
with customers as (

    select * from {{ ref('shopify_customers') }}

),

bought as (

    select
        buyers.customer_id,
        -- the first answer, the last consent
        min_by(orders.heard_through, cast(orders.created_at as timestamptz))
            filter (where orders.heard_through is not null) as heard_through,
        max_by(orders.accepts_marketing, cast(orders.created_at as timestamptz)) as accepts_marketing
    from {{ ref('shopify_buyers') }} as buyers
    inner join {{ ref('shopify_orders') }} as orders
        on buyers.order_id = orders.order_id
    where buyers.customer_id is not null
    group by buyers.customer_id

)

select
    'kiosk' as brand_id,
    coalesce(customers.customer_id, bought.customer_id) as customer_id,
    bought.heard_through as acquisition_channel,
    coalesce(customers.accepts_email_marketing, bought.accepts_marketing) as contactable
from customers
full join bought
    on customers.customer_id = bought.customer_id
