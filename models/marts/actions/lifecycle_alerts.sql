{%- set text = dbt.type_string() -%}
{%- set double = type_double() -%}
{%- set rejected_share = ratio('rejected_rows', 'raw_rows') -%}
{%- set as_of_date = '(select as_of_date from ' ~ ref('as_of_date') ~ ' as reporting_day)' -%}

with customers_with_limits as (

    select
        *,
        {{ dbt.datediff(as_of_date, 'last_base_day', 'day') }} as days_left,
        {{ brand_value('alerts.about_to_churn.days_ahead') }} as days_ahead,
        cast({{ brand_value('alerts.loyal_at_risk.churn_probability') }} as {{ double }}) as highest_churn_probability
    from {{ ref('customers') }}

),

customers as (

    select
        *,
        coalesce(days_left <= days_ahead, false) as is_leaving,
        coalesce(churn_probability > highest_churn_probability, false) as is_likely_to_leave
    from customers_with_limits

),

about_to_churn as (

    select
        brand_id,
        customer_id,
        'about_to_churn' as alert_type,
        customer_id as subject,
        {{ greatest(add_days('last_base_day', '-days_ahead'), 'open_base_span_start') }} as since,
        cast(days_left as {{ double }}) as actual_value,
        cast(days_ahead as {{ double }}) as threshold,
        {{ message_columns('about_to_churn', {'day': 'last_base_day', 'days': 'days_left'}) }}
    from customers
    where is_leaving

),

loyal_at_risk as (

    select
        brand_id,
        customer_id,
        'loyal_at_risk' as alert_type,
        customer_id as subject,
        coalesce(last_order_date, open_base_span_start) as since,
        case when is_likely_to_leave then churn_probability else days_left end as actual_value,
        case when is_likely_to_leave then highest_churn_probability else days_ahead end as threshold,
        {{ message_columns([
            ['is_likely_to_leave', 'loyal_at_risk_likely'],
            ['last_order_date is null', 'loyal_at_risk_leaving_without_order'], [none, 'loyal_at_risk_leaving'],
        ], {'share': 'churn_probability', 'day': 'last_order_date', 'end_day': 'last_base_day'}) }}
    from customers
    where is_loyal_but_for_silence and (is_likely_to_leave or is_leaving)

),

no_second_purchase as (

    select
        customers.brand_id,
        customers.customer_id,
        'no_second_purchase' as alert_type,
        customers.customer_id as subject,
        customers.first_order_date as since,
        cast(customers.recency_days as {{ double }}) as actual_value,
        second_order_limits.days_to_second_order as threshold,
        {{ message_columns('no_second_purchase', {
            'days': 'customers.recency_days', 'usual_days': 'floor(second_order_limits.days_to_second_order)',
        }) }}
    from customers
    inner join {{ ref('int_second_order_limits') }} as second_order_limits
        on customers.brand_id = second_order_limits.brand_id
    where
        customers.relationship_status in ('active', 'dormant')
        and customers.lifetime_orders = 1
        and customers.recency_days > second_order_limits.days_to_second_order

),

cart_abandoned as (

    select
        brand_id,
        customer_id,
        'cart_abandoned' as alert_type,
        interaction_id as subject,
        abandoned_on as since,
        cast(null as {{ double }}) as actual_value,
        cast(null as {{ double }}) as threshold,
        {{ message_columns([
            ['amount is null', 'cart_abandoned_without_amount'], [none, 'cart_abandoned'],
        ], {'amount': 'amount', 'day': 'abandoned_on'}) }}
    from {{ ref('fct_carts') }}
    where
        recovering_orders = 0
        and {{ dbt.datediff('abandoned_on', as_of_date, 'day') }} < {{ brand_value('alerts.cart_abandoned.days') }}

),

negative_feedback_open as (

    select
        brand_id,
        customer_id,
        'negative_feedback_open' as alert_type,
        feedback_id as subject,
        submitted_on as since,
        cast(null as {{ double }}) as actual_value,
        cast(null as {{ double }}) as threshold,
        {{ message_columns('negative_feedback_open', {'score': 'score', 'day': 'submitted_on'}) }}
    from {{ ref('feedback_loop') }}
    where
        is_open
        and {{ dbt.datediff('submitted_on', as_of_date, 'day') }}
        < {{ brand_value('alerts.negative_feedback_open.days') }}

),

subscription_cancelled as (

    select
        brand_id,
        customer_id,
        'subscription_cancelled' as alert_type,
        subscription_id as subject,
        ended_on as since,
        cast(null as {{ double }}) as actual_value,
        cast(null as {{ double }}) as threshold,
        {{ message_columns([
            ["subscription_kind = 'product'", 'product_subscription_ended'], [none, 'service_subscription_ended'],
        ], {'day': 'ended_on'}) }}
    from {{ ref('fct_subscriptions') }}
    where
        is_cancelled
        and {{ dbt.datediff('ended_on', as_of_date, 'day') }} < {{ brand_value('alerts.subscription_cancelled.days') }}

),

churn_rate_high as (

    select
        brand_id,
        cast(null as {{ text }}) as customer_id,
        'churn_rate_high' as alert_type,
        '' as subject,
        period_start as since,
        repeat_churn_rate as actual_value,
        highest_churn_rate as threshold,
        {{ message_columns('churn_rate_high', {
            'month': 'period_start', 'share': 'repeat_churn_rate', 'earlier_share': 'compared_churn_rate',
        }) }}
    from {{ ref('int_month_comparisons') }}
    where compared_churn_rate is not null and repeat_churn_rate > highest_churn_rate

),

repeat_rate_drop as (

    select
        brand_id,
        cast(null as {{ text }}) as customer_id,
        'repeat_rate_drop' as alert_type,
        '' as subject,
        period_start as since,
        repeat_customer_rate_drop as actual_value,
        {{ brand_value('alerts.repeat_rate_drop.relative_drop') }} as threshold,
        {{ message_columns('repeat_rate_drop', {'month': 'period_start', 'share': 'repeat_customer_rate_drop'}) }}
    from {{ ref('int_month_comparisons') }}
    where repeat_customer_rate_drop > {{ brand_value('alerts.repeat_rate_drop.relative_drop') }}

),

revenue_drop as (

    select
        brand_id,
        cast(null as {{ text }}) as customer_id,
        'revenue_drop' as alert_type,
        '' as subject,
        period_start as since,
        net_revenue_drop as actual_value,
        {{ brand_value('alerts.revenue_drop.relative_drop') }} as threshold,
        {{ message_columns('revenue_drop', {'month': 'period_start', 'share': 'net_revenue_drop'}) }}
    from {{ ref('int_month_comparisons') }}
    where net_revenue_drop > {{ brand_value('alerts.revenue_drop.relative_drop') }}

),

churn_window_off as (

    select
        brand_id,
        cast(null as {{ text }}) as customer_id,
        'churn_window_off' as alert_type,
        cast(churn_window_days as {{ text }}) as subject,
        first_order_date as since,
        case when is_far_from_advice then churn_window_days else false_churn_share end as actual_value,
        case when is_far_from_advice then advised_churn_window_days else 0.5 end as threshold,
        {{ message_columns([
            ['is_far_from_advice', 'churn_window_off_by_advice'], [none, 'churn_window_off_by_false_churns'],
        ], {
            'days': 'churn_window_days', 'advised_days': 'advised_churn_window_days', 'customers': 'churns_followed',
            'share': 'false_churn_share',
        }) }}
    from {{ ref('int_window_advice') }}

),

rejected_rows_high as (

    select
        brand_id,
        cast(null as {{ text }}) as customer_id,
        'rejected_rows_high' as alert_type,
        source_table as subject,
        {{ as_of_date }} as since,
        {{ rejected_share }} as actual_value,
        {{ project_settings().max_rejected_share }} as threshold,
        {{ message_columns('rejected_rows_high', {'share': rejected_share, 'table': 'source_table'}) }}
    from {{ ref('input_reconciliation') }}
    where
        brand_id in ({{ sql_text_list(brand_settings() | list) }})
        and {{ as_of_date }} is not null
        and {{ rejected_share }} > {{ project_settings().max_rejected_share }}

),

input_finding as (

    select
        brand_id,
        cast(null as {{ text }}) as customer_id,
        'input_finding' as alert_type,
        source_table || ':' || finding as subject,
        {{ as_of_date }} as since,
        cast(null as {{ double }}) as actual_value,
        cast(null as {{ double }}) as threshold,
        {{ message_columns([
            ["finding = 'no_order_counts'", 'input_finding_no_order_counts'],
            ["finding = 'ids_never_meet'", 'input_finding_ids_never_meet'],
            [none, 'input_finding'],
        ], {'hint': 'hint', 'table': 'source_table', 'rows': 'row_count'}) }}
    from {{ ref('input_findings') }}
    where is_alert and {{ as_of_date }} is not null

),

alerts as (

    select * from about_to_churn
    union all
    select * from loyal_at_risk
    union all
    select * from no_second_purchase
    union all
    select * from cart_abandoned
    union all
    select * from negative_feedback_open
    union all
    select * from subscription_cancelled
    union all
    select * from churn_rate_high
    union all
    select * from repeat_rate_drop
    union all
    select * from revenue_drop
    union all
    select * from churn_window_off
    union all
    select * from rejected_rows_high
    union all
    select * from input_finding

),

identified as (

    select
        *,
        {{ dbt.hash(
            "brand_id || '|' || alert_type || '|' || subject || '|' || cast(since as " ~ dbt.type_string() ~ ')'
        ) }} as alert_id
    from alerts

),

-- whoever is not in the mart customers has at most an accepted raw row, and without one no known consent
consents as (

    select
        identified.alert_id,
        coalesce(
            customers.is_contactable,
            accepted.is_contactable and unread_consents.customer_id is null,
            false
        ) as is_contactable
    from identified
    left join customers
        on
            identified.brand_id = customers.brand_id
            and identified.customer_id = customers.customer_id
    left join {{ ref('stg_customers') }} as accepted
        on
            identified.brand_id = accepted.brand_id
            and identified.customer_id = accepted.customer_id
    left join {{ ref('fct_unread_consents') }} as unread_consents
        on
            identified.brand_id = unread_consents.brand_id
            and identified.customer_id = unread_consents.customer_id
    where identified.customer_id is not null

),

-- the playbook's answer: its first line that names the alert and, for customer alerts, matches the customer
answers as (

    select
        identified.alert_id,
        playbook.action_code,
        playbook.action,
        playbook.action_ko,
        playbook.action_zh,
        row_number() over (partition by identified.alert_id order by playbook.line) as answer_rank
    from identified
    inner join {{ ref('int_playbook') }} as playbook
        on
            identified.brand_id = playbook.brand_id
            and identified.alert_type = playbook.alert_type
    left join customers
        on
            identified.brand_id = customers.brand_id
            and identified.customer_id = customers.customer_id
    where
        (playbook.stage is null or customers.lifecycle_stage = playbook.stage)
        and (playbook.loyalty_class is null or customers.loyalty_class = playbook.loyalty_class)

),

advised as (

    select
        identified.*,
        consents.is_contactable,
        coalesce(not consents.is_contactable, false) as is_silent,
        answers.action_code,
        answers.action,
        answers.action_ko,
        answers.action_zh
    from identified
    left join consents
        on identified.alert_id = consents.alert_id
    left join answers
        on identified.alert_id = answers.alert_id and answers.answer_rank = 1

)

-- customers without consent get no action, whatever the playbook says
select
    alert_id,
    brand_id,
    customer_id,
    alert_type,
    subject,
    case
        when alert_type in (
            'loyal_at_risk', 'negative_feedback_open', 'churn_rate_high', 'repeat_rate_drop', 'revenue_drop',
            'rejected_rows_high'
        ) then 'high'
        else 'normal'
    end as severity,
    since,
    actual_value,
    threshold,
    message || case when is_silent then {{ message_text('do_not_contact', 'en') }} else '' end as message,
    message_ko || case when is_silent then {{ message_text('do_not_contact', 'ko') }} else '' end as message_ko,
    message_zh || case when is_silent then {{ message_text('do_not_contact', 'zh') }} else '' end as message_zh,
    case when is_silent then 'none' else action_code end as action_code,
    case when is_silent then {{ message_text('no_action', 'en') }} else action end as action,
    case when is_silent then {{ message_text('no_action', 'ko') }} else action_ko end as action_ko,
    case when is_silent then {{ message_text('no_action', 'zh') }} else action_zh end as action_zh,
    is_contactable
from advised
