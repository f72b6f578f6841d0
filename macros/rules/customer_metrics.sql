{#
    Metrics for rules: every column of `customers` that is a number or boolean and does not depend on the rule. A new
    metric is one line here, and a column of that name in fct_customers.
#}
{% macro customer_metrics() %}
    {{ return({
        'is_member': 'boolean',
        'is_contactable': 'boolean',

        'lifetime_orders': 'number',
        'lifetime_net_revenue': 'number',
        'average_order_value': 'number',
        'orders_30d': 'number',
        'orders_90d': 'number',
        'orders_365d': 'number',
        'net_revenue_365d': 'number',
        'recency_days': 'number',
        'tenure_days': 'number',
        'distinct_order_days': 'number',
        'average_days_between_orders': 'number',
        'median_days_between_orders': 'number',
        'days_to_second_order': 'number',
        'discounted_orders': 'number',
        'discounted_order_share': 'number',

        'engagement_points': 'number',
        'engagement_score': 'number',
        'interactions_90d': 'number',
        'site_visits_90d': 'number',
        'site_seconds_90d': 'number',
        'email_opens_90d': 'number',
        'sns_interactions_90d': 'number',
        'support_contacts_365d': 'number',
        'contacts_365d': 'number',
        'coupons_redeemed_365d': 'number',
        'referrals': 'number',
        'converted_referrals': 'number',
        'reviews': 'number',
        'average_feedback_score': 'number',
        'latest_feedback_score': 'number',

        'active_product_subscriptions': 'number',
        'active_service_subscriptions': 'number',
        'subscriptions_started': 'number',
        'subscriptions_cancelled': 'number',
        'monthly_recurring_amount': 'number',

        'is_active': 'boolean',
        'is_recent_purchaser': 'boolean',
        'is_support_customer': 'boolean',
        'is_contact': 'boolean',
        'is_product_subscriber': 'boolean',
        'is_service_subscriber': 'boolean',
        'churn_count': 'number',
        'reactivation_count': 'number',

        'historical_clv': 'number',
        'net_clv': 'number',
        'p_alive': 'number',
        'p_order_90d': 'number',
        'p_order_365d': 'number',
        'churn_probability': 'number',
        'expected_orders_30d': 'number',
        'expected_orders_90d': 'number',
        'expected_orders_365d': 'number',
        'expected_order_value': 'number',
        'predicted_clv_365d': 'number',
        'expected_days_between_orders': 'number',
        'overdue_ratio': 'number',

        'r_score': 'number',
        'f_score': 'number',
        'm_score': 'number',
    }) }}
{% endmacro %}

{#
    The columns of `customers` that are text or a date: a rule that names one gets its own message.
#}
{% macro customer_columns_without_number() %}
    {{ return([
        'brand_id', 'customer_id', 'signed_up_on', 'acquisition_channel', 'referred_by_customer_id', 'known_since',
        'first_order_date', 'last_order_date', 'last_interaction_date', 'relationship_status', 'acquisition_date',
        'last_churn_date', 'active_until', 'open_base_span_start', 'last_base_day',
        'lifecycle_stage', 'lifecycle_stage_since', 'clv_fit_status', 'churn_risk',
        'next_order_expected_on', 'rfm_segment',
    ]) }}
{% endmacro %}
