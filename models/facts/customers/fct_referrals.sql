with customers as (

    select * from {{ ref('stg_customers') }}

),

known_customers as (

    select * from {{ ref('fct_known_customers') }}

),

customer_orders as (

    select * from {{ ref('fct_customer_orders') }}

)

select
    customers.brand_id,
    customers.customer_id as referred_customer_id,
    customers.referred_by_customer_id as referring_customer_id,
    customer_orders.first_order_date as converted_on
from customers
inner join known_customers as referred
    on
        customers.brand_id = referred.brand_id
        and customers.customer_id = referred.customer_id
inner join known_customers as referring
    on
        customers.brand_id = referring.brand_id
        and customers.referred_by_customer_id = referring.customer_id
left join customer_orders
    on
        customers.brand_id = customer_orders.brand_id
        and customers.customer_id = customer_orders.customer_id
where customers.referred_by_customer_id <> customers.customer_id
