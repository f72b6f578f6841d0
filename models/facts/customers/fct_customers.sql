{{ config(materialized='view') }}

{#- customers is its one reader: writing the rows twice took longer -#}

with as_of_date as (

    select as_of_date from {{ ref('as_of_date') }} as reporting_day

),

brands as (

    select * from {{ ref('int_brands') }}

),

known_customers as (

    select * from {{ ref('fct_known_customers') }}

),

customers as (

    select * from {{ ref('stg_customers') }}

),

unread_consents as (

    select * from {{ ref('fct_unread_consents') }}

),

orders as (

    select * from {{ ref('fct_customer_rfm') }}

),

interactions as (

    select * from {{ ref('fct_customer_interactions') }}

),

feedback as (

    select * from {{ ref('fct_customer_feedback') }}

),

subscriptions as (

    select * from {{ ref('fct_customer_subscriptions') }}

),

status as (

    select * from {{ ref('fct_customer_status') }}

),

predictions as (

    select * from {{ ref('fct_clv_predictions') }}
    where cut_days = 0

),

costs as (

    select * from {{ ref('fct_customer_costs') }}

),

referrals as (

    select
        brand_id,
        referring_customer_id as customer_id,
        count(*) as referrals,
        count(converted_on) as converted_referrals
    from {{ ref('fct_referrals') }}
    group by brand_id, referring_customer_id

),

joined as (

    select
        known_customers.brand_id,
        known_customers.customer_id,
        known_customers.known_since,
        known_customers.retained_on is not null as is_retained,
        {{ dbt.datediff('known_customers.known_since', 'as_of_date.as_of_date', 'day') }} as tenure_days,

        customers.signed_up_on,
        customers.acquisition_channel,
        customers.referred_by_customer_id,
        coalesce(
            {{ least('customers.membership_joined_on', 'interactions.membership_join_date') }} <= as_of_date.as_of_date,
            false
        ) as is_member,
        coalesce(customers.is_contactable, true) and unread_consents.customer_id is null as is_contactable,

        orders.first_order_date,
        orders.last_order_date,
        coalesce(orders.lifetime_orders, 0) as lifetime_orders,
        coalesce(orders.lifetime_net_revenue, 0) as lifetime_net_revenue,
        coalesce(orders.orders_30d, 0) as orders_30d,
        coalesce(orders.orders_90d, 0) as orders_90d,
        coalesce(orders.orders_365d, 0) as orders_365d,
        coalesce(orders.net_revenue_365d, 0) as net_revenue_365d,
        coalesce(orders.orders_30d_at_last_order, 0) as orders_30d_at_last_order,
        coalesce(orders.orders_90d_at_last_order, 0) as orders_90d_at_last_order,
        coalesce(orders.orders_365d_at_last_order, 0) as orders_365d_at_last_order,
        coalesce(orders.net_revenue_365d_at_last_order, 0) as net_revenue_365d_at_last_order,
        {{ dbt.datediff('orders.last_order_date', 'as_of_date.as_of_date', 'day') }} as recency_days,
        coalesce(orders.distinct_order_days, 0) as distinct_order_days,
        {{ dbt.datediff('orders.first_order_date', 'orders.last_order_date', 'day') }} as order_span_days,
        orders.median_days_between_orders,
        orders.days_to_second_order,
        coalesce(orders.discounted_orders, 0) as discounted_orders,

        coalesce(interactions.engagement_points, 0) as engagement_points,
        coalesce(interactions.interactions_90d, 0) as interactions_90d,
        coalesce(interactions.site_visits_90d, 0) as site_visits_90d,
        coalesce(interactions.site_seconds_90d, 0) as site_seconds_90d,
        coalesce(interactions.email_opens_90d, 0) as email_opens_90d,
        coalesce(interactions.sns_interactions_90d, 0) as sns_interactions_90d,
        coalesce(interactions.support_contacts_365d, 0) as support_contacts_365d,
        coalesce(interactions.contacts_365d, 0) as contacts_365d,
        coalesce(interactions.coupons_redeemed_365d, 0) as coupons_redeemed_365d,
        interactions.last_interaction_date,
        {{ dbt.datediff('interactions.last_support_date', 'as_of_date.as_of_date', 'day') }} as days_since_support,
        {{ dbt.datediff('interactions.last_contact_date', 'as_of_date.as_of_date', 'day') }} as days_since_contact,
        coalesce(referrals.referrals, 0) as referrals,
        coalesce(referrals.converted_referrals, 0) as converted_referrals,
        coalesce(interactions.reviews, 0) as reviews,
        feedback.average_feedback_score,
        feedback.latest_feedback_score,

        coalesce(subscriptions.active_product_subscriptions, 0) as active_product_subscriptions,
        coalesce(subscriptions.active_service_subscriptions, 0) as active_service_subscriptions,
        coalesce(subscriptions.subscriptions_started, 0) as subscriptions_started,
        coalesce(subscriptions.subscriptions_cancelled, 0) as subscriptions_cancelled,
        coalesce(subscriptions.monthly_recurring_amount, 0) as monthly_recurring_amount,

        status.acquisition_date,
        coalesce(status.is_in_base, false) as is_in_base,
        coalesce(status.is_in_base and status.is_in_active_span, false) as is_active,
        status.last_churn_date,
        coalesce(status.churn_count, 0) as churn_count,
        coalesce(status.reactivation_count, 0) as reactivation_count,
        {{ add_days('status.open_active_span_end', -1) }} as active_until,
        status.open_base_span_start,
        {{ add_days('status.open_base_span_end', -1) }} as last_base_day,
        {{ dbt.datediff('as_of_date.as_of_date', 'status.open_base_span_end', 'day') }} as days_to_leave_base,

        predictions.p_alive as chance_to_be_there,
        predictions.rate_dates,
        predictions.rate_days,
        predictions.p_order_90d,
        predictions.p_order_365d,
        predictions.expected_orders_30d,
        predictions.expected_orders_90d,
        predictions.expected_orders_365d,
        predictions.expected_order_value,
        predictions.discounted_orders_365d * predictions.expected_order_value as predicted_clv_365d,
        -- the worse of the two, from the worst on
        case
            when 'not_converged' in (predictions.fit_status, predictions.gamma_gamma_status)
                then 'not_converged'
            when 'too_few_repeat_customers' in (predictions.fit_status, predictions.gamma_gamma_status)
                then 'too_few_repeat_customers'
            when 'spend_undefined' in (predictions.fit_status, predictions.gamma_gamma_status)
                then 'spend_undefined'
            when 'at_bound' in (predictions.fit_status, predictions.gamma_gamma_status)
                then 'at_bound'
            when 'ok' in (predictions.fit_status, predictions.gamma_gamma_status)
                then 'ok'
        end as clv_fit_status,

        orders.r_score,
        orders.f_score,
        orders.m_score,
        orders.rfm_segment,

        brands.order_gap_days as brand_order_gap_days,
        brands.order_gaps as brand_order_gaps,
        case when brands.marketing_spend is not null then coalesce(costs.acquisition_cost, 0) end as acquisition_cost,
        case when brands.marketing_spend is not null then coalesce(costs.retention_cost, 0) end as retention_cost
    from known_customers
    cross join as_of_date
    inner join brands
        on known_customers.brand_id = brands.brand_id
    left join customers
        on known_customers.brand_id = customers.brand_id and known_customers.customer_id = customers.customer_id
    left join unread_consents
        on
            known_customers.brand_id = unread_consents.brand_id
            and known_customers.customer_id = unread_consents.customer_id
    left join orders
        on known_customers.brand_id = orders.brand_id and known_customers.customer_id = orders.customer_id
    left join interactions
        on known_customers.brand_id = interactions.brand_id and known_customers.customer_id = interactions.customer_id
    left join feedback
        on known_customers.brand_id = feedback.brand_id and known_customers.customer_id = feedback.customer_id
    left join subscriptions
        on known_customers.brand_id = subscriptions.brand_id and known_customers.customer_id = subscriptions.customer_id
    left join status
        on known_customers.brand_id = status.brand_id and known_customers.customer_id = status.customer_id
    left join predictions
        on known_customers.brand_id = predictions.brand_id and known_customers.customer_id = predictions.customer_id
    left join costs
        on known_customers.brand_id = costs.brand_id and known_customers.customer_id = costs.customer_id
    left join referrals
        on known_customers.brand_id = referrals.brand_id and known_customers.customer_id = referrals.customer_id

),

measured as (

    select
        *,
        {{ ratio('lifetime_net_revenue', 'lifetime_orders') }} as average_order_value,
        {{ ratio('order_span_days', 'distinct_order_days - 1') }} as average_days_between_orders,
        {{ ratio('discounted_orders', 'lifetime_orders') }} as discounted_order_share,
        100 * {{ least('1', ratio('engagement_points', brand_value('engagement.full_score_points'))) }}
            as engagement_score,
        case
            when not is_in_base and acquisition_date is null then 'prospect'
            when not is_in_base then 'churned'
            when is_active then 'active'
            else 'dormant'
        end as relationship_status,
        {{ brand_value('margin_rate') }} * cast(lifetime_net_revenue as {{ type_double() }})
        - acquisition_cost - retention_cost as net_clv,
        -- integers in numerator and denominator, so that floating-point error cannot affect the rounding up below
        {{ ratio(
            'order_span_days * brand_order_gaps + 2 * brand_order_gap_days', '(distinct_order_days + 1) * brand_order_gaps'
        ) }} as expected_days_between_orders,
        -- in BG/NBD nobody leaves before a second order date, so it says nothing about customers with only one
        case
            when {{ brand_value('clv.model') }} <> 'bg_nbd' or distinct_order_days <> 1 then chance_to_be_there
        end as p_alive,
        case
            when is_in_base and {{ is_on_brand_list('churn.signals', "'order'") }}
                then 1 - {{ chance_to_order('chance_to_be_there', 'rate_dates', 'rate_days', 'days_to_leave_base') }}
        end as churn_probability,
        coalesce(recency_days < {{ brand_value('active.window_days') }}, false) as has_recent_order,
        coalesce(days_since_support < {{ brand_value('active.window_days') }}, false) as has_recent_support,
        coalesce(days_since_contact < {{ brand_value('active.window_days') }}, false) as has_recent_contact
    from joined

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
    lifetime_orders,
    lifetime_net_revenue,
    average_order_value,
    orders_30d,
    orders_90d,
    orders_365d,
    net_revenue_365d,
    orders_30d_at_last_order,
    orders_90d_at_last_order,
    orders_365d_at_last_order,
    net_revenue_365d_at_last_order,
    recency_days,
    tenure_days,
    distinct_order_days,
    average_days_between_orders,
    median_days_between_orders,
    days_to_second_order,
    discounted_orders,
    discounted_order_share,
    cast(engagement_points as {{ type_double() }}) as engagement_points,
    engagement_score,
    interactions_90d,
    site_visits_90d,
    cast(site_seconds_90d as {{ type_double() }}) as site_seconds_90d,
    email_opens_90d,
    sns_interactions_90d,
    support_contacts_365d,
    contacts_365d,
    coupons_redeemed_365d,
    last_interaction_date,
    referrals,
    converted_referrals,
    reviews,
    average_feedback_score,
    latest_feedback_score,
    active_product_subscriptions,
    active_service_subscriptions,
    subscriptions_started,
    subscriptions_cancelled,
    monthly_recurring_amount,
    relationship_status,
    is_in_base,
    is_retained,
    is_active,
    is_active and has_recent_order as is_recent_purchaser,
    is_active and has_recent_support as is_support_customer,
    is_active and active_product_subscriptions > 0 as is_product_subscriber,
    is_active and active_service_subscriptions > 0 as is_service_subscriber,
    is_active and has_recent_contact as is_contact,
    acquisition_date,
    last_churn_date,
    churn_count,
    reactivation_count,
    active_until,
    open_base_span_start,
    last_base_day,
    lifetime_net_revenue as historical_clv,
    net_clv,
    acquisition_cost,
    retention_cost,
    p_alive,
    p_order_90d,
    p_order_365d,
    churn_probability,
    case
        when churn_probability < 0.33 then 'low'
        when churn_probability > 0.66 then 'high'
        when churn_probability is not null then 'medium'
    end as churn_risk,
    expected_orders_30d,
    expected_orders_90d,
    expected_orders_365d,
    expected_order_value,
    predicted_clv_365d,
    coalesce({{ brand_value('margin_rate') }} * predicted_clv_365d * case
        when not is_in_base then 1
        when days_to_leave_base is null then 1 - chance_to_be_there
        else churn_probability
    end, 0) as value_at_stake,
    clv_fit_status,
    case when lifetime_orders > 0 then expected_days_between_orders end as expected_days_between_orders,
    {{ ratio('recency_days', 'expected_days_between_orders') }} as overdue_ratio,
    case
        when is_in_base then {{ add_days('last_order_date', 'ceil(expected_days_between_orders)') }}
    end as next_order_expected_on,
    r_score,
    f_score,
    m_score,
    rfm_segment
from measured
