with customers as (

    select * from {{ ref('customers') }}

),

-- every customer appears twice: in a class and in a tier
members as (

    select
        *,
        'class' as group_kind,
        loyalty_class as group_name
    from customers

    union all

    select
        *,
        'tier' as group_kind,
        coalesce(loyalty_tier, 'none') as group_name
    from customers

)

select
    brand_id,
    group_kind,
    group_name,
    count(*) as customers,
    count(*) filter (where relationship_status in ('active', 'dormant')) as customers_in_base,
    cast(sum(lifetime_orders) as bigint) as orders,
    cast(sum(lifetime_net_revenue) as decimal(38, 4)) as net_revenue,
    {{ ratio('sum(lifetime_net_revenue)', 'sum(lifetime_orders)') }} as average_order_value,
    {{ ratio('sum(discounted_orders)', 'sum(lifetime_orders)') }} as discounted_order_share,
    avg(engagement_score) as average_engagement_score,
    avg(average_feedback_score) as average_feedback_score,
    {{ ratio("count(*) filter (where churn_risk = 'high')", 'count(churn_risk)') }} as high_risk_share,
    avg(p_alive) as average_p_alive,
    avg(p_order_90d) as average_p_order_90d
from members
group by brand_id, group_kind, group_name
