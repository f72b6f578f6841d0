-- Question: How concentrated is revenue?
-- Reading: the buyers of the last 365 days in ten groups of equal size, the best first. The first row has the share of
-- the year's revenue from the best tenth, the fifth row that from the better half.
with customers as (

    select * from {{ ref('customers') }}
    where orders_365d > 0

),

ranked as (

    select
        *,
        ntile(10) over (
            partition by brand_id
            order by net_revenue_365d desc, {{ byte_order('customer_id') }}
        ) as decile
    from customers

),

deciles as (

    select
        brand_id,
        decile,
        count(*) as customers,
        sum(net_revenue_365d) as net_revenue_365d,
        sum(orders_365d) as orders_365d,
        count(case when is_loyal then 1 end) as loyal_customers
    from ranked
    group by brand_id, decile

),

running as (

    select
        *,
        sum(net_revenue_365d) over (partition by brand_id) as all_net_revenue_365d,
        sum(net_revenue_365d) over (
            partition by brand_id order by decile rows unbounded preceding
        ) as net_revenue_up_to_here
    from deciles

)

select
    brand_id,
    decile,
    customers,
    net_revenue_365d,
    {{ ratio('net_revenue_365d', 'all_net_revenue_365d') }} as revenue_share,
    {{ ratio('net_revenue_up_to_here', 'all_net_revenue_365d') }} as revenue_share_up_to_here,
    {{ ratio('orders_365d', 'customers') }} as orders_per_customer,
    {{ ratio('loyal_customers', 'customers') }} as share_loyal
from running
order by brand_id, decile
