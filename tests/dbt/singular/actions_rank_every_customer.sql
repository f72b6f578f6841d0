-- Identity: every customer has one row and a distinct priority from 1 to the number of the brand's customers, in order
-- of value at stake. Customers without marketing consent have no action.
-- Rows: customers that violate this.
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
