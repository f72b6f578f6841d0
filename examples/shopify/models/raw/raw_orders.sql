with orders as (

    select * from {{ ref('shopify_orders') }}

),

buyers as (

    select * from {{ ref('shopify_buyers') }}

)

select
    'kiosk' as brand_id,
    orders.order_id,
    buyers.customer_id,
    orders.created_at as ordered_at,
    case when orders.is_cancelled then 'cancelled' else orders.financial_status end as status,
    orders.items_without_tax as gross_amount,
    -- on the items only: a code for free shipping takes nothing off them
    orders.items_without_tax - orders.subtotal_without_tax as discount_amount,
    -- a refund includes shipping and tax: take the items' share of the total
    case
        when orders.total > 0
            then cast(round(
                cast(orders.subtotal_without_tax * orders.refunded as double) / cast(orders.total as double), 4
            ) as decimal(18, 4))
        else 0
    end as refund_amount,
    orders.currency,
    orders.discount_code as coupon_code,
    orders.source as channel
from orders
inner join buyers
    on orders.order_id = buyers.order_id
