-- Identity: a customer alert has the consent of customers, and no action without it; a brand-level alert has no
-- consent. Nor has customer_actions an action without consent.
-- Rows: alerts and actions that violate this.
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
