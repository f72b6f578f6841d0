with orders as (

    {{ current_versions('orders', ref('base_orders_checked'), ref('base_orders_versions')) }}

)

select
    brand_id,
    order_id,
    customer_id,
    ordered_at,
    has_time_of_day,
    order_date,
    status,
    gross_amount,
    coalesce(discount_amount, 0) as discount_amount,
    coalesce(refund_amount, 0) as refund_amount,
    currency,
    coupon_code,
    channel,
    updated_at
from orders
where order_date <= (select as_of_date from {{ ref('as_of_date') }} as reporting_day)
