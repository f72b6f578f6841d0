select
    brand_id,
    group_name as loyalty_class,
    customers,
    share_of_customers,
    customers_in_base,
    share_in_base,
    orders,
    net_revenue,
    revenue_share,
    average_order_value,
    discounted_order_share,
    average_engagement_score,
    average_feedback_score,
    high_risk_share,
    average_p_alive,
    average_p_order_90d
from {{ ref('int_loyalty_groups') }}
where group_kind = 'class'
