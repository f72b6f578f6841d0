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
