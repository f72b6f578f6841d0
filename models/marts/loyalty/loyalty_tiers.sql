-- the brand's tiers, and `none` for customers without one
with brand_tiers as (

    select
        brand_id,
        substr(setting, length('tiers.') + 1) as loyalty_tier
    from {{ ref('brand_settings') }}
    where left(setting, length('tiers.')) = 'tiers.'

    union all

    select
        brand_id,
        'none' as loyalty_tier
    from {{ ref('int_brands') }}

),

measured as (

    select * from {{ ref('int_loyalty_groups') }}
    where group_kind = 'tier'

)

select
    brand_tiers.brand_id,
    brand_tiers.loyalty_tier,
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
from brand_tiers
inner join {{ ref('int_brands') }} as brands
    on brand_tiers.brand_id = brands.brand_id and brands.customers > 0
left join measured
    on
        brand_tiers.brand_id = measured.brand_id
        and brand_tiers.loyalty_tier = measured.group_name
window brand as (partition by brand_tiers.brand_id)
