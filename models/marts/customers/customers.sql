{#- the loops: rules and tiers are settings of each brand -#}
{%- set loyal_when = {} -%}
{%- set loyal_but_for_silence = {} -%}
{%- set tiers = {} -%}
{%- set criteria_met = {} -%}
{%- set criteria_total = {} -%}
{%- for brand_id, settings in brand_settings().items() -%}
    {%- set leaves = rule_leaves(settings.loyal_when) -%}
    {%- set met = [] -%}
    {%- for leaf in leaves -%}
        {%- do met.append('case when ' ~ rule_sql(leaf, 'customers') ~ ' then 1 else 0 end') -%}
    {%- endfor -%}
    {%- do loyal_when.update({brand_id: rule_sql(settings.loyal_when, 'customers')}) -%}
    {%- do loyal_but_for_silence.update({
        brand_id: rule_sql(settings.loyal_when, 'customers', but_for_silence=true)
    }) -%}
    {%- do criteria_met.update({brand_id: met | join(' + ')}) -%}
    {%- do criteria_total.update({brand_id: leaves | length}) -%}
    {%- if settings.tiers -%}
        {%- set matches = [] -%}
        {%- for tier in settings.tiers -%}
            {%- do matches.append('when ' ~ rule_sql(tier.when, 'customers') ~ ' then ' ~ sql_text(tier.name)) -%}
        {%- endfor -%}
        {%- do tiers.update({brand_id: 'case ' ~ matches | join(' ') ~ ' end'}) -%}
    {%- endif -%}
{%- endfor -%}

with customers as (

    select
        fct_customers.*,
        stage_history.stage as lifecycle_stage,
        stage_history.valid_from as lifecycle_stage_since
    from {{ ref('fct_customers') }} as fct_customers
    left join {{ ref('lifecycle_stage_history') }} as stage_history
        on
            fct_customers.brand_id = stage_history.brand_id
            and fct_customers.customer_id = stage_history.customer_id
            and stage_history.is_current

),

judged as (

    select
        *,
        {{ brand_case(loyal_when, 'false') }} as meets_loyalty_rule,
        customers.is_in_base and {{ brand_case(loyal_but_for_silence, 'false') }} as is_loyal_but_for_silence,
        cast({{ brand_case(tiers) }} as {{ dbt.type_string() }}) as loyalty_tier,
        {{ brand_case(criteria_met, '0') }} as criteria_met,
        {{ brand_case(criteria_total, '0') }} as criteria_total
    from customers

),

classified as (

    select
        *,
        case
            when lifetime_orders = 0 and subscriptions_started = 0 then 'none'
            when meets_loyalty_rule and is_in_base then 'loyal'
            when is_retained then 'repeat'
            else 'one_time'
        end as loyalty_class
    from judged

)

select
    brand_id,
    customer_id,
    signed_up_on,
    acquisition_channel,
    referred_by_customer_id,
    is_member,
    is_contactable,
    known_since,
    first_order_date,
    last_order_date,
    cast(lifetime_orders as bigint) as lifetime_orders,
    cast(lifetime_net_revenue as {{ type_decimal(38, 4) }}) as lifetime_net_revenue,
    average_order_value,
    cast(orders_30d as bigint) as orders_30d,
    cast(orders_90d as bigint) as orders_90d,
    cast(orders_365d as bigint) as orders_365d,
    cast(net_revenue_365d as {{ type_decimal(38, 4) }}) as net_revenue_365d,
    cast(recency_days as bigint) as recency_days,
    cast(tenure_days as bigint) as tenure_days,
    cast(distinct_order_days as bigint) as distinct_order_days,
    average_days_between_orders,
    median_days_between_orders,
    cast(days_to_second_order as bigint) as days_to_second_order,
    cast(discounted_orders as bigint) as discounted_orders,
    discounted_order_share,
    engagement_points,
    engagement_score,
    cast(interactions_90d as bigint) as interactions_90d,
    cast(site_visits_90d as bigint) as site_visits_90d,
    site_seconds_90d,
    cast(email_opens_90d as bigint) as email_opens_90d,
    cast(sns_interactions_90d as bigint) as sns_interactions_90d,
    cast(support_contacts_365d as bigint) as support_contacts_365d,
    cast(contacts_365d as bigint) as contacts_365d,
    cast(coupons_redeemed_365d as bigint) as coupons_redeemed_365d,
    last_interaction_date,
    cast(referrals as bigint) as referrals,
    cast(converted_referrals as bigint) as converted_referrals,
    cast(reviews as bigint) as reviews,
    average_feedback_score,
    latest_feedback_score,
    cast(active_product_subscriptions as bigint) as active_product_subscriptions,
    cast(active_service_subscriptions as bigint) as active_service_subscriptions,
    cast(subscriptions_started as bigint) as subscriptions_started,
    cast(subscriptions_cancelled as bigint) as subscriptions_cancelled,
    cast(monthly_recurring_amount as {{ type_decimal(38, 4) }}) as monthly_recurring_amount,
    relationship_status,
    is_active,
    is_recent_purchaser,
    is_active and loyalty_class = 'loyal' as is_loyal_customer,
    is_support_customer,
    is_product_subscriber,
    is_service_subscriber,
    is_contact,
    acquisition_date,
    last_churn_date,
    cast(churn_count as bigint) as churn_count,
    cast(reactivation_count as bigint) as reactivation_count,
    active_until,
    open_base_span_start,
    last_base_day,
    lifecycle_stage,
    lifecycle_stage_since,
    loyalty_class,
    loyalty_class = 'loyal' as is_loyal,
    is_loyal_but_for_silence,
    loyalty_tier,
    cast(criteria_met as bigint) as criteria_met,
    cast(criteria_total as bigint) as criteria_total,
    cast(historical_clv as {{ type_decimal(38, 4) }}) as historical_clv,
    net_clv,
    acquisition_cost,
    retention_cost,
    p_alive,
    p_order_90d,
    p_order_365d,
    churn_probability,
    churn_risk,
    expected_orders_30d,
    expected_orders_90d,
    expected_orders_365d,
    expected_order_value,
    predicted_clv_365d,
    value_at_stake,
    clv_fit_status,
    expected_days_between_orders,
    overdue_ratio,
    next_order_expected_on,
    r_score,
    f_score,
    m_score,
    rfm_segment
from classified
