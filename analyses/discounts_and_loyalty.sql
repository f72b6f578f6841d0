-- Question: Do discounts buy loyalty?
-- Reading: customers whose first order was discounted compared with those who paid full price, at least 180 days ago.
-- Trust the columns _in_same_mix: they give both groups the same mix of acquisition channels, so that a campaign for
-- one-time buyers is not blamed on its coupon.
with orders as (

    select * from {{ ref('fct_orders') }}
    where order_sequence = 1

),

customers as (

    select * from {{ ref('customers') }}
    where
        lifetime_orders > 0
        and {{ add_days('first_order_date', 180) }} <= (select as_of_date from {{ ref('as_of_date') }} as reporting_day)

),

first_orders as (

    select
        customers.brand_id,
        coalesce(customers.acquisition_channel, 'unknown') as channel,
        case when orders.is_discounted then 'discounted' else 'full price' end as first_order,
        case when customers.days_to_second_order <= 180 then 1 else 0 end as bought_again,
        case when customers.is_loyal then 1 else 0 end as is_loyal,
        customers.lifetime_orders - 1 as later_orders,
        customers.discounted_orders - case when orders.is_discounted then 1 else 0 end as later_discounted_orders
    from customers
    inner join orders
        on
            customers.brand_id = orders.brand_id
            and customers.customer_id = orders.customer_id

),

channels as (

    select
        brand_id,
        channel,
        first_order,
        count(*) as first_buyers,
        sum(bought_again) as second_buyers,
        sum(is_loyal) as loyal_customers,
        sum(later_orders) as later_orders,
        sum(later_discounted_orders) as later_discounted_orders
    from first_orders
    group by brand_id, channel, first_order

),

-- a channel is weighted by all its buyers if it has buyers of both kinds, otherwise not at all
weighed as (

    select
        *,
        case
            when count(*) over (partition by brand_id, channel) = 2
                then sum(first_buyers) over (partition by brand_id, channel)
        end as channel_weight
    from channels

),

customer_groups as (

    select
        brand_id,
        first_order,
        sum(first_buyers) as first_buyers,
        sum(second_buyers) as second_buyers,
        sum(loyal_customers) as loyal_customers,
        sum(later_orders) as later_orders,
        sum(later_discounted_orders) as later_discounted_orders,
        sum(channel_weight) as weight,
        sum(channel_weight * {{ ratio('second_buyers', 'first_buyers') }}) as weighed_second_buyers,
        sum(channel_weight * {{ ratio('loyal_customers', 'first_buyers') }}) as weighed_loyal_customers
    from weighed
    group by brand_id, first_order

)

select
    brand_id,
    first_order,
    first_buyers,
    {{ ratio('second_buyers', 'first_buyers') }} as second_purchase_rate_180d,
    {{ ratio('weighed_second_buyers', 'weight') }} as second_purchase_rate_in_same_mix,
    {{ ratio('loyal_customers', 'first_buyers') }} as share_loyal,
    {{ ratio('weighed_loyal_customers', 'weight') }} as share_loyal_in_same_mix,
    {{ ratio('later_discounted_orders', 'later_orders') }} as discounted_share_of_later_orders
from customer_groups
order by brand_id, first_order
