with classes as (

    select 'loyal' as loyalty_class
    union all
    select 'repeat'
    union all
    select 'one_time'
    union all
    select 'none'

),

brand_classes as (

    select
        brands.brand_id,
        classes.loyalty_class
    from {{ ref('int_brands') }} as brands
    cross join classes
    where brands.customers > 0

),

measured as (

    select * from {{ ref('int_loyalty_groups') }}
    where group_kind = 'class'

)

select
    brand_classes.brand_id,
    brand_classes.loyalty_class,
    coalesce(measured.customers, 0) as customers,
    {{ ratio('coalesce(measured.customers, 0)', 'sum(measured.customers) over brand') }} as share_of_customers,
    coalesce(measured.customers_in_base, 0) as customers_in_base,
    {{ ratio('measured.customers_in_base', 'measured.customers') }} as share_in_base,
    coalesce(measured.orders, 0) as orders,
    cast(coalesce(measured.net_revenue, 0) as decimal(38, 4)) as net_revenue,
    {{ ratio('coalesce(measured.net_revenue, 0)', 'sum(measured.net_revenue) over brand') }} as revenue_share,
    measured.average_order_value,
    measured.discounted_order_share,
    measured.average_engagement_score,
    measured.average_feedback_score,
    measured.high_risk_share,
    measured.average_p_alive,
    measured.average_p_order_90d
from brand_classes
left join measured
    on
        brand_classes.brand_id = measured.brand_id
        and brand_classes.loyalty_class = measured.group_name
window brand as (partition by brand_classes.brand_id)
