{{ config(materialized='table') }}

with subscriptions as (

    {{ current_versions('subscriptions', ref('base_subscriptions_checked'), ref('base_subscriptions_versions')) }}

),

as_of_date as (

    select as_of_date from {{ ref('as_of_date') }} as reporting_day

)

-- an end after as_of_date has not happened yet: until then the subscription has none
select
    subscriptions.brand_id,
    subscriptions.subscription_id,
    subscriptions.customer_id,
    subscriptions.subscription_kind,
    subscriptions.started_at,
    subscriptions.has_time_of_day,
    subscriptions.started_on,
    case when subscriptions.ended_on <= as_of_date.as_of_date then subscriptions.ended_at end as ended_at,
    case
        when subscriptions.ended_on <= as_of_date.as_of_date then subscriptions.ended_at_has_time_of_day
    end as ended_at_has_time_of_day,
    case when subscriptions.ended_on <= as_of_date.as_of_date then subscriptions.ended_on end as ended_on,
    coalesce(subscriptions.monthly_amount, 0) as monthly_amount,
    subscriptions.updated_at
from subscriptions
inner join as_of_date
    on subscriptions.started_on <= as_of_date.as_of_date
