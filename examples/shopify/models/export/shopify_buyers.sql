-- Who placed each order. The orders export names no customer: the e-mail address finds them in the customers export,
-- then the phone number. Whom neither finds is known by the e-mail address itself, and who left none (a sale at the
-- till) stays nobody.
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
