-- Identity: every customer has one row and a distinct priority from 1 to the number of the brand's customers, those
-- whose action is due first, then in order of the value at stake that `customers` has. Customers without marketing
-- consent have no action, and only an action is due.
-- Rows: customers that violate this.
with actions as (

    select
        *,
        row_number() over (partition by brand_id order by priority) as place,
        lag(value_at_stake) over (partition by brand_id, is_due order by priority) as value_before,
        lag(is_due) over (partition by brand_id order by priority) as is_due_before
    from {{ ref('customer_actions') }}

)

select
    brand_id,
    customer_id,
    actions.action_code,
    actions.priority,
    actions.place,
    actions.is_due,
    actions.value_at_stake
from {{ ref('customers') }} as customers
full outer join actions
    using (brand_id, customer_id)
where
    customers.is_contactable is null
    or actions.priority is null
    or actions.priority <> actions.place
    or actions.value_at_stake > actions.value_before
    or actions.value_at_stake <> customers.value_at_stake
    or (actions.is_due and not actions.is_due_before)
    or (actions.is_due and actions.action_code = 'none')
    or (actions.action_code = 'none') <> (actions.since is null)
    or actions.due_until < actions.since
    or (not customers.is_contactable and actions.action_code <> 'none')
    or (actions.action_code = 'none') <> (actions.message_en is null)
