-- Question: Which acquisition channel's customers last?
-- Reading: only customers who first bought at least 180 days ago count, so that every channel had the same time. A
-- channel with many buyers and a low share_in_base brings one-time customers; with fewer than about 30 buyers, look
-- again later.
with customers as (

    select * from {{ ref('customers') }}
    where
        lifetime_orders > 0
        and {{ add_days('first_order_date', 180) }} <= (select as_of_date from {{ ref('as_of_date') }} as reporting_day)

),

channels as (

    select
        brand_id,
        coalesce(acquisition_channel, 'unknown') as channel,
        count(*) as first_buyers,
        count(case when days_to_second_order <= 180 then 1 end) as second_buyers,
        count(case when relationship_status in ('active', 'dormant') then 1 end) as customers_in_base,
        count(case when is_loyal then 1 end) as loyal_customers,
        sum(lifetime_orders) as orders,
        sum(lifetime_net_revenue) as net_revenue
    from customers
    group by brand_id, coalesce(acquisition_channel, 'unknown')

)

select
    brand_id,
    channel,
    first_buyers,
    {{ ratio('second_buyers', 'first_buyers') }} as second_purchase_rate_180d,
    {{ ratio('customers_in_base', 'first_buyers') }} as share_in_base,
    {{ ratio('loyal_customers', 'first_buyers') }} as share_loyal,
    {{ ratio('orders', 'first_buyers') }} as orders_per_customer,
    {{ ratio('net_revenue', 'first_buyers') }} as net_revenue_per_customer
from channels
order by brand_id asc, share_in_base desc, channel asc
