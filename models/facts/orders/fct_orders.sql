{%- set order_dates = 'partition by brand_id, customer_id, is_purchase order by order_date' -%}
{%- set purchases = order_dates ~ ', ordered_at, ' ~ byte_order('order_id') -%}
{%- set all_purchases = purchases ~ ' rows between unbounded preceding and unbounded following' -%}

with orders as (

    select * from {{ ref('stg_orders') }}

),

differences as (

    -- wide enough for any three amounts
    select
        *,
        cast(gross_amount as decimal(20, 4)) - discount_amount - refund_amount as difference
    from orders

),

priced as (

    -- a difference can be too far below zero for an amount; it is then null, and the order is not a purchase
    select
        *,
        case when difference > -100000000000000 then cast(difference as decimal(18, 4)) end as net_revenue
    from differences

),

judged as (

    select
        *,
        coalesce(
            {{ is_on_brand_list('valid_order_statuses', 'status') }}
            and (net_revenue > 0 or (net_revenue = 0 and {{ brand_value('count_zero_value_orders') }})),
            false
        ) as is_purchase
    from priced

),

sequenced as (

    -- the only window over all orders: whatever later models need from the previous order is computed here
    select
        *,
        row_number() over ({{ purchases }}) as order_sequence,
        dense_rank() over ({{ order_dates }}) as order_date_number,
        first_value(order_date) over ({{ all_purchases }}) as first_order_date,
        last_value(order_date) over ({{ all_purchases }}) as last_order_date,
        first_value(channel) over ({{ all_purchases }}) as first_order_channel,
        lag(order_date) over ({{ purchases }}) as previous_order_date,
        lag(order_date, 2) over ({{ purchases }}) as second_previous_order_date
    from judged

)

select
    brand_id,
    order_id,
    customer_id,
    ordered_at,
    has_time_of_day,
    order_date,
    status,
    channel,
    gross_amount,
    discount_amount,
    refund_amount,
    net_revenue,
    is_purchase,
    discount_amount > 0 or coupon_code is not null as is_discounted,
    coupon_code is not null as has_coupon,
    case when is_purchase then order_sequence end as order_sequence,
    case when is_purchase then order_date_number end as order_date_number,
    case when is_purchase then first_order_date end as first_order_date,
    case when is_purchase then last_order_date end as last_order_date,
    case when is_purchase then first_order_channel end as first_order_channel,
    case when is_purchase then previous_order_date end as previous_order_date,
    case when is_purchase then second_previous_order_date end as second_previous_order_date
from sequenced
