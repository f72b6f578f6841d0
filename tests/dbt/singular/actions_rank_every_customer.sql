-- Identity: every customer has one row, and a priority of their own from 1 to the number of the brand's customers; who
-- has more at stake comes first. Who has not agreed to be written to has no action.
-- Rows: customers for whom this does not hold.
with actions as (

    select
        *,
        row_number() over (partition by brand_id order by priority) as place,
        lag(value_at_stake) over (partition by brand_id order by priority) as value_before
    from {{ ref('customer_actions') }}

)

select
    brand_id,
    customer_id,
    actions.action_code,
    actions.priority,
    actions.place,
    actions.value_at_stake
from {{ ref('customers') }} as customers
full outer join actions
    using (brand_id, customer_id)
where
    customers.is_contactable is null
    or actions.priority is null
    or actions.priority <> actions.place
    or actions.value_at_stake > actions.value_before
    or (not customers.is_contactable and actions.action_code <> 'none')
    or (actions.action_code = 'none') <> (actions.message_en is null)
