-- as few rows as there are months, cohorts and channels, so that the mart never touches an order
with purchases as (

    select
        brand_id,
        coalesce(first_order_channel, 'unknown') as channel,
        {{ period_start('month', 'first_order_date') }} as cohort_month,
        {{ period_start('month', 'order_date') }} as order_month,
        order_sequence,
        previous_order_date,
        net_revenue
    from {{ ref('fct_orders') }}
    where is_purchase

)

select
    brand_id,
    channel,
    cohort_month,
    order_month,
    count(case when order_sequence = 1 then 1 end) as first_orders,
    -- the first order of a customer's month stands for the customer
    count(case when order_sequence = 1 or previous_order_date < order_month then 1 end) as purchasing_customers,
    count(*) as orders,
    cast(sum(net_revenue) as {{ type_decimal(38, 4) }}) as net_revenue
from purchases
group by brand_id, channel, cohort_month, order_month
