{{ config(materialized='table') }}

with marketing_spend as (

    {{ current_versions('marketing_spend', ref('base_marketing_spend_checked')) }}

)

select
    brand_id,
    spend_date,
    has_time_of_day,
    spent_on,
    channel,
    purpose,
    amount,
    coalesce(impressions, 0) as impressions,
    coalesce(clicks, 0) as clicks
from marketing_spend
where spent_on <= (select as_of_date from {{ ref('as_of_date') }} as reporting_day)
