{{ config(materialized='table') }}

with customers as (

    {{ current_versions('customers', ref('base_customers_checked'), ref('base_customers_versions')) }}

)

select
    brand_id,
    customer_id,
    signed_up_at,
    has_time_of_day,
    signed_up_on,
    acquisition_channel,
    referred_by_customer_id,
    membership_joined_at,
    membership_joined_at_has_time_of_day,
    membership_joined_on,
    coalesce(contactable, true) as is_contactable,
    updated_at
from customers
where
    signed_up_on is null
    or signed_up_on <= (select as_of_date from {{ ref('as_of_date') }} as reporting_day)
