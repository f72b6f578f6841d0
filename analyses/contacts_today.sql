-- Question: Whom to contact today, and what is at stake?
-- Reading: start with the rows that have an alert: something has happened and time counts. The others are routine work.
-- Only actions that are due count. At stake is a year's predicted value times the chance that the customer leaves;
-- customer_actions has the customers behind a row.
with actions as (

    select * from {{ ref('customer_actions') }}
    where is_due

),

playbook as (

    select * from {{ ref('int_playbook') }}

),

lines as (

    select
        actions.brand_id,
        playbook.alert_type,
        actions.action,
        actions.channel,
        actions.playbook_line,
        count(*) as customers,
        sum(actions.value_at_stake) as value_at_stake
    from actions
    inner join playbook
        on
            actions.brand_id = playbook.brand_id
            and actions.playbook_line = playbook.line
    group by actions.brand_id, playbook.alert_type, actions.action, actions.channel, actions.playbook_line

)

select
    brand_id,
    case when alert_type is null then 'standing' else 'today' end as urgency,
    coalesce(alert_type, '') as alert_type,
    action,
    channel,
    customers,
    value_at_stake,
    {{ ratio('value_at_stake', 'customers') }} as value_per_customer
from lines
order by
    brand_id asc,
    case when alert_type is null then 2 else 1 end asc,
    value_at_stake desc,
    playbook_line asc
