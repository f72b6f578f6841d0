-- Identity: exactly the customers with an order have three scores and a segment; a segment's customers and net revenue
-- are theirs.
-- Rows: segments that hold more or less than their customers, and customers with an unexpected or a missing segment.
with buyers as (

    select
        brand_id,
        rfm_segment,
        count(*) as customers,
        sum(lifetime_net_revenue) as net_revenue
    from {{ ref('customers') }}
    where lifetime_orders > 0
    group by brand_id, rfm_segment

),

differences as (

    select
        brand_id,
        segment,
        customers,
        net_revenue
    from {{ ref('rfm_segments') }}

    union all

    select
        brand_id,
        rfm_segment as segment,
        -customers as customers,
        -net_revenue as net_revenue
    from buyers

)

select
    brand_id,
    segment,
    null as customer_id,
    sum(customers) as customers_too_many,
    sum(net_revenue) as net_revenue_too_much
from differences
group by brand_id, segment
having sum(customers) <> 0 or sum(net_revenue) <> 0

union all

select
    brand_id,
    rfm_segment as segment,
    customer_id,
    null as customers_too_many,
    null as net_revenue_too_much
from {{ ref('customers') }}
where
    (lifetime_orders > 0) <> (rfm_segment is not null)
    or (lifetime_orders > 0) <> (coalesce(r_score, 0) between 1 and 5)
    or (lifetime_orders > 0) <> (coalesce(f_score, 0) between 1 and 5)
    or (lifetime_orders > 0) <> (coalesce(m_score, 0) between 1 and 5)
