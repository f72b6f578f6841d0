-- Question: Does the same customer spend more from order to order?
-- Reading: every row holds the same customers, those with at least five orders, so a rise of against_first is theirs
-- and does not come from others leaving.
with orders as (

    select * from {{ ref('fct_orders') }}
    where is_purchase

),

customers as (

    select * from {{ ref('customers') }}
    where lifetime_orders >= 5

),

numbered as (

    select
        orders.brand_id,
        orders.order_sequence,
        count(*) as customers,
        sum(orders.net_revenue) as net_revenue,
        count(case when orders.is_discounted then 1 end) as discounted_orders
    from orders
    inner join customers
        on
            orders.brand_id = customers.brand_id
            and orders.customer_id = customers.customer_id
    where orders.order_sequence <= 5
    group by orders.brand_id, orders.order_sequence

)

select
    numbered.brand_id,
    numbered.order_sequence as order_number,
    numbered.customers,
    {{ ratio('numbered.net_revenue', 'numbered.customers') }} as average_order_value,
    {{ ratio('numbered.net_revenue', 'first_orders.net_revenue') }} as against_first,
    {{ ratio('numbered.discounted_orders', 'numbered.customers') }} as discounted_order_share
from numbered
inner join numbered as first_orders
    on
        numbered.brand_id = first_orders.brand_id
        and first_orders.order_sequence = 1
order by numbered.brand_id, numbered.order_sequence
