{%- set as_of_date = '(select as_of_date from ' ~ ref('as_of_date') ~ ')' -%}
{%- set drops = {'repeat_rate_drop': 'repeat_customer_rate', 'revenue_drop': 'net_revenue'} -%}
{%- set of_the_brand = ['churn_rate_high', 'repeat_rate_drop', 'revenue_drop', 'rejected_rows_high'] -%}

with limits as (

    select
        *,
        {{ dbt.datediff(as_of_date, 'last_base_day', 'day') }} as days_left,
        {{ brand_value('alerts.about_to_churn.days_ahead') }} as days_ahead,
        cast({{ brand_value('alerts.loyal_at_risk.churn_probability') }} as {{ type_double() }})
            as highest_churn_probability
    from {{ ref('customers') }}

),

customers as (

    select
        *,
        coalesce(days_left <= days_ahead, false) as is_leaving,
        coalesce(churn_probability > highest_churn_probability, false) as is_likely_to_leave
    from limits

),

second_order_limits as (

    select
        brand_id,
        case
            {%- for group in brands_by_value('alerts.no_second_purchase.percentile') %}
            when brand_id in ({{ sql_text_list(group.brands) }})
                then
                    percentile_cont({{ sql_number(group.value) }})
                    within group (order by cast(days_to_second_order as {{ type_double() }}))
            {%- endfor %}
        end as days_to_second_order
    from customers
    where days_to_second_order is not null
    group by brand_id

),

months as (

    select
        *,
        {%- for measure in drops.values() %}
        -- the mean of the six months before, if all six exist
        case
            when count({{ measure }}) over six_before = 6
                then avg(cast({{ measure }} as {{ type_double() }})) over six_before
        end as {{ measure }}_before,
        {%- endfor %}
        row_number() over (partition by brand_id order by period_start desc) as months_ago
    from {{ ref('brand_metrics') }}
    where period_grain = 'month' and is_complete_period
    window six_before as (partition by brand_id order by period_start rows between 6 preceding and 1 preceding)

),

last_month as (

    select
        *
        {%- for measure in drops.values() %},
        1 - {{ ratio(measure, measure ~ '_before') }} as {{ measure }}_drop
        {%- endfor %}
    from months
    where months_ago = 1

),

alerts as (

    select
        brand_id,
        customer_id,
        'about_to_churn' as alert_type,
        customer_id as subject,
        {{ add_days('last_base_day', '-days_ahead') }} as since,
        cast(days_left as {{ type_double() }}) as actual_value,
        cast(days_ahead as {{ type_double() }}) as threshold,
        'Will leave the base after ' || cast(last_base_day as {{ dbt.type_string() }})
        || ' without new activity (days left: ' || cast(days_left as {{ dbt.type_string() }}) || ').' as message
    from customers
    where is_leaving

    union all

    select
        brand_id,
        customer_id,
        'loyal_at_risk',
        customer_id as subject,
        coalesce(last_order_date, open_base_span_start),
        case when is_likely_to_leave then churn_probability else days_left end,
        case when is_likely_to_leave then highest_churn_probability else days_ahead end,
        case
            when is_likely_to_leave
                then
                    'Loyal customer, ' || {{ percent_text('churn_probability') }}
                    || ' likely to leave the base without another order'
            else
                'Loyal customer who will leave the base after ' || cast(last_base_day as {{ dbt.type_string() }})
        end || '; last order: ' || coalesce(cast(last_order_date as {{ dbt.type_string() }}), 'none') || '.'
    from customers
    where is_loyal_but_for_silence and (is_likely_to_leave or is_leaving)

    union all

    select
        customers.brand_id,
        customers.customer_id,
        'no_second_purchase',
        customers.customer_id as subject,
        customers.first_order_date,
        customers.recency_days,
        second_order_limits.days_to_second_order,
        'Bought once, ' || cast(customers.recency_days as {{ dbt.type_string() }})
        || ' days ago; most customers who buy again do so within '
        || cast(cast(floor(second_order_limits.days_to_second_order) as bigint) as {{ dbt.type_string() }}) || ' days.'
    from customers
    inner join second_order_limits
        on customers.brand_id = second_order_limits.brand_id
    where
        customers.relationship_status in ('active', 'dormant')
        and customers.lifetime_orders = 1
        and customers.recency_days > second_order_limits.days_to_second_order

    union all

    select
        brand_id,
        customer_id,
        'cart_abandoned',
        interaction_id,
        abandoned_on,
        null,
        null,
        'Abandoned a cart'
        || coalesce(' worth ' || cast(cast(amount as decimal(38, 2)) as {{ dbt.type_string() }}), '')
        || ' on ' || cast(abandoned_on as {{ dbt.type_string() }}) || '; no order has recovered it.'
    from {{ ref('fct_carts') }}
    where
        recovering_orders = 0
        and {{ dbt.datediff('abandoned_on', as_of_date, 'day') }} < {{ brand_value('alerts.cart_abandoned.days') }}

    union all

    select
        brand_id,
        customer_id,
        'negative_feedback_open',
        feedback_id,
        submitted_on,
        null,
        null,
        'Gave a score of ' || cast(cast(score as decimal(3, 1)) as {{ dbt.type_string() }}) || ' on '
        || cast(submitted_on as {{ dbt.type_string() }}) || '; not answered yet.'
    from {{ ref('feedback_loop') }}
    where
        is_open
        and {{ dbt.datediff('submitted_on', as_of_date, 'day') }}
        < {{ brand_value('alerts.negative_feedback_open.days') }}

    union all

    select
        brand_id,
        customer_id,
        'subscription_cancelled',
        subscription_id,
        ended_on,
        null,
        null,
        'Their ' || subscription_kind || ' subscription ended on ' || cast(ended_on as {{ dbt.type_string() }}) || '.'
    from {{ ref('fct_subscriptions') }}
    where
        is_cancelled
        and {{ dbt.datediff('ended_on', as_of_date, 'day') }} < {{ brand_value('alerts.subscription_cancelled.days') }}

    union all

    select
        brand_id,
        null,
        'churn_rate_high',
        '',
        period_start,
        churn_rate,
        {{ brand_value('alerts.churn_rate_high.churn_rate') }},
        {{ percent_text('churn_rate') }} || ' of the month''s opening customers were lost by its end.'
    from last_month
    where churn_rate > {{ brand_value('alerts.churn_rate_high.churn_rate') }}

    {%- for alert, measure in drops.items() %}

    union all

    select
        brand_id,
        null,
        '{{ alert }}',
        '',
        period_start,
        {{ measure }}_drop,
        {{ brand_value('alerts.' ~ alert ~ '.relative_drop') }},
        'The month''s {{ measure | replace('_', ' ') }} is ' || {{ percent_text(measure ~ '_drop') }}
        || ' below the mean of the previous six months.'
    from last_month
    where {{ measure }}_drop > {{ brand_value('alerts.' ~ alert ~ '.relative_drop') }}
    {%- endfor %}

    union all

    select
        brand_id,
        null,
        'rejected_rows_high',
        source_table,
        {{ as_of_date }},
        {{ ratio('rejected_rows', 'raw_rows') }},
        {{ project_settings().max_rejected_share }},
        {{ percent_text(ratio('rejected_rows', 'raw_rows')) }} || ' of the rows of ' || source_table
        || ' were rejected; see quality.rejected_rows for the reasons.'
    from {{ ref('input_reconciliation') }}
    where
        brand_id in ({{ sql_text_list(brand_settings() | list) }})
        and {{ as_of_date }} is not null
        and {{ ratio('rejected_rows', 'raw_rows') }} > {{ project_settings().max_rejected_share }}

    union all

    select
        brand_id,
        null,
        'input_finding',
        source_table || ':' || finding,
        {{ as_of_date }},
        null,
        null,
        hint
    from {{ ref('input_findings') }}
    where is_alert and {{ as_of_date }} is not null

),

identified as (

    select
        *,
        {{ dbt.hash(
            "brand_id || '|' || alert_type || '|' || subject || '|' || cast(since as " ~ dbt.type_string() ~ ')'
        ) }} as alert_id
    from alerts

),

-- customers missing from customers have at most an accepted raw row, and without one no known consent
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

)

select
    identified.alert_id,
    identified.brand_id,
    identified.customer_id,
    identified.alert_type,
    identified.subject,
    case
        when identified.alert_type in ('loyal_at_risk', 'negative_feedback_open', {{ sql_text_list(of_the_brand) }})
            then 'high'
        else 'normal'
    end as severity,
    identified.since,
    identified.actual_value,
    identified.threshold,
    -- customers without consent get no action, whatever the playbook says
    case
        when consents.is_contactable or identified.customer_id is null then identified.message
        else identified.message || ' Do not contact: no marketing consent.'
    end as message,
    case
        when consents.is_contactable or identified.customer_id is null then answers.action_code
        else 'none'
    end as action_code,
    case
        when consents.is_contactable or identified.customer_id is null then answers.action
        else 'none'
    end as action,
    consents.is_contactable
from identified
left join consents
    on identified.alert_id = consents.alert_id
left join answers
    on identified.alert_id = answers.alert_id and answers.answer_rank = 1
