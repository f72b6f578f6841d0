with customers as (

    select * from {{ ref('customers') }}

),

-- customers without consent are in no situation, and so have no line, whatever the playbook says
situations as (

    -- a line that names no alert dates from the customer's latest step or order
    select
        brand_id,
        customer_id,
        lifecycle_stage,
        loyalty_class,
        '' as alert_type,
        {{ greatest('lifecycle_stage_since', 'last_order_date') }} as since
    from customers
    where is_contactable

    union all

    -- any other from the latest alert of its type
    select
        customers.brand_id,
        customers.customer_id,
        customers.lifecycle_stage,
        customers.loyalty_class,
        alerts.alert_type,
        max(alerts.since) as since
    from {{ ref('lifecycle_alerts') }} as alerts
    inner join customers
        on
            alerts.brand_id = customers.brand_id
            and alerts.customer_id = customers.customer_id
    where customers.is_contactable
    group by
        customers.brand_id,
        customers.customer_id,
        customers.lifecycle_stage,
        customers.loyalty_class,
        alerts.alert_type

),

-- only a few dozen combinations are joined with the playbook, however many customers there are
combinations as (

    select distinct
        brand_id,
        lifecycle_stage,
        loyalty_class,
        alert_type
    from situations

),

lines as (

    select * from {{ ref('int_playbook') }}

),

first_lines as (

    select
        combinations.brand_id,
        combinations.lifecycle_stage,
        combinations.loyalty_class,
        combinations.alert_type,
        min(lines.line) as line
    from combinations
    inner join lines
        on
            combinations.brand_id = lines.brand_id
            and combinations.alert_type = coalesce(lines.alert_type, '')
            and (lines.stage is null or combinations.lifecycle_stage = lines.stage)
            and (lines.loyalty_class is null or combinations.loyalty_class = lines.loyalty_class)
    group by
        combinations.brand_id,
        combinations.lifecycle_stage,
        combinations.loyalty_class,
        combinations.alert_type

),

matched as (

    select
        situations.brand_id,
        situations.customer_id,
        situations.since,
        first_lines.line,
        row_number() over (
            partition by situations.brand_id, situations.customer_id order by first_lines.line
        ) as line_rank
    from situations
    inner join first_lines
        on
            situations.brand_id = first_lines.brand_id
            and situations.lifecycle_stage = first_lines.lifecycle_stage
            and situations.loyalty_class = first_lines.loyalty_class
            and situations.alert_type = first_lines.alert_type

),

dated as (

    select
        customers.brand_id,
        customers.customer_id,
        customers.is_contactable,
        customers.value_at_stake,
        matched.line,
        matched.since,
        lines.due_days,
        {{ add_days('matched.since', 'lines.due_days - 1') }} as due_until
    from customers
    left join matched
        on
            customers.brand_id = matched.brand_id
            and customers.customer_id = matched.customer_id
            and matched.line_rank = 1
    left join lines
        on matched.brand_id = lines.brand_id and matched.line = lines.line

),

judged as (

    select
        *,
        line is not null
        and coalesce(
            due_until >= (select as_of_date from {{ ref('as_of_date') }} as reporting_day), due_days is null
        ) as is_due
    from dated

),

-- without the texts, which would be sorted as well
ranked as (

    select
        *,
        cast(row_number() over (
            partition by brand_id
            order by is_due desc, value_at_stake desc, {{ byte_order('customer_id') }}
        ) as bigint) as priority
    from judged

)

select
    ranked.brand_id,
    ranked.customer_id,
    coalesce(lines.action_code, 'none') as action_code,
    coalesce(lines.action, {{ message_text('no_action', 'en') }}) as action,
    coalesce(lines.action_ko, {{ message_text('no_action', 'ko') }}) as action_ko,
    coalesce(lines.action_zh, {{ message_text('no_action', 'zh') }}) as action_zh,
    lines.channel,
    case
        when not ranked.is_contactable then {{ message_text('no_consent', 'en') }}
        else coalesce(lines.reason, {{ message_text('no_line_applies', 'en') }})
    end as reason,
    case
        when not ranked.is_contactable then {{ message_text('no_consent', 'ko') }}
        else coalesce(lines.reason_ko, {{ message_text('no_line_applies', 'ko') }})
    end as reason_ko,
    case
        when not ranked.is_contactable then {{ message_text('no_consent', 'zh') }}
        else coalesce(lines.reason_zh, {{ message_text('no_line_applies', 'zh') }})
    end as reason_zh,
    ranked.since,
    ranked.due_until,
    ranked.is_due,
    ranked.priority,
    ranked.value_at_stake,
    ranked.line as playbook_line,
    lines.message_en,
    lines.message_ko,
    lines.message_zh
from ranked
left join lines
    on ranked.brand_id = lines.brand_id and ranked.line = lines.line
