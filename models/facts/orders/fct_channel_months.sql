with purchases as (

    select
        brand_id,
        {{ period_start('month', 'order_date') }} as order_month,
        coalesce(channel, 'unknown') as channel,
        customer_id,
        net_revenue,
        order_sequence
    from {{ ref('fct_orders') }}
    where is_purchase

)

select
    brand_id,
    order_month,
    channel,
    count(*) as orders,
    count(distinct customer_id) as purchasing_customers,
    cast(sum(net_revenue) as {{ type_decimal(38, 4) }}) as net_revenue,
    count(case when order_sequence = 1 then 1 end) as first_orders
from purchases
group by brand_id, order_month, channel
