with customers as (

    select * from {{ ref('customers') }}
    where lifetime_orders > 0

),

brands as (

    select * from {{ ref('int_brands') }}
    where customers > 0

),

segments as (

    select distinct segment from {{ ref('rfm_grid') }}

),

totals as (

    select
        brand_id,
        count(*) as customers,
        sum(lifetime_net_revenue) as net_revenue
    from customers
    group by brand_id

),

measured as (

    select
        brand_id,
        rfm_segment,
        count(*) as customers,
        sum(lifetime_net_revenue) as net_revenue,
        sum(lifetime_orders) as orders,
        sum(recency_days) as recency_days,
        avg(predicted_clv_365d) as average_predicted_clv_365d
    from customers
    group by brand_id, rfm_segment

)

select
    brands.brand_id,
    segments.segment,
    coalesce(measured.customers, 0) as customers,
    {{ ratio('coalesce(measured.customers, 0)', 'totals.customers') }} as share_of_customers,
    cast(coalesce(measured.net_revenue, 0) as {{ type_decimal(38, 4) }}) as net_revenue,
    {{ ratio('coalesce(measured.net_revenue, 0)', 'totals.net_revenue') }} as revenue_share,
    {{ ratio('measured.recency_days', 'measured.customers') }} as average_recency_days,
    {{ ratio('measured.orders', 'measured.customers') }} as average_orders,
    {{ ratio('measured.net_revenue', 'measured.orders') }} as average_order_value,
    measured.average_predicted_clv_365d
from brands
cross join segments
left join totals
    on brands.brand_id = totals.brand_id
left join measured
    on
        brands.brand_id = measured.brand_id
        and segments.segment = measured.rfm_segment
