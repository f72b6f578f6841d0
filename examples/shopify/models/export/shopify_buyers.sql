-- Who placed each order. The orders export names no customer: the e-mail address identifies them in the customers
-- export, then the phone number. If neither matches, the e-mail address itself is the id; without one (a sale at the
-- till) the order has no customer.
with orders as (

    select * from {{ ref('shopify_orders') }}

),

customers as (

    select * from {{ ref('shopify_customers') }}

)

select
    orders.order_id,
    coalesce(by_email.customer_id, by_phone.customer_id, orders.email) as customer_id
from orders
left join customers as by_email
    on orders.email = by_email.email
left join customers as by_phone
    on orders.phone = by_phone.phone
