-- Identity: an alert of a customer says of consent what customers says, and one of a customer who may not be written to
-- advises nothing; an alert of the brand is of nobody. Nor has customer_actions an action for them.
-- Rows: alerts and actions for which this does not hold.
with alerts as (

    select * from {{ ref('lifecycle_alerts') }}

),

customers as (

    select * from {{ ref('customers') }}

)

select
    alerts.brand_id,
    alerts.customer_id,
    alerts.alert_type as what
from alerts
left join customers
    on
        alerts.brand_id = customers.brand_id
        and alerts.customer_id = customers.customer_id
where
    alerts.is_contactable <> customers.is_contactable
    or (alerts.customer_id is null) <> (alerts.is_contactable is null)
    or (not alerts.is_contactable and coalesce(alerts.action_code <> 'none' or alerts.action <> 'none', true))

union all

select
    actions.brand_id,
    actions.customer_id,
    actions.action_code as what
from {{ ref('customer_actions') }} as actions
inner join customers
    on
        actions.brand_id = customers.brand_id
        and actions.customer_id = customers.customer_id
where not customers.is_contactable and actions.action_code <> 'none'
