{% macro silence_metrics() %}
    {{ return({
        'met': [
            'recency_days', 'overdue_ratio', 'r_score', 'p_alive', 'p_order_90d', 'p_order_365d', 'churn_probability',
        ],
        'at_last_order': ['orders_30d', 'orders_90d', 'orders_365d', 'net_revenue_365d'],
    }) }}
{% endmacro %}
