{{ config(materialized='table') }}

with feedback as (

    {{ current_versions('feedback', ref('base_feedback_checked'), ref('base_feedback_versions')) }}

)

select
    brand_id,
    feedback_id,
    customer_id,
    submitted_at,
    has_time_of_day,
    submitted_on,
    feedback_kind,
    score
from feedback
where submitted_on <= (select as_of_date from {{ ref('as_of_date') }} as reporting_day)
