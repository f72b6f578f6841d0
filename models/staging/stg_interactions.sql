{{ config(materialized='table') }}

with interactions as (

    {{ current_versions('interactions', ref('base_interactions_checked'), ref('base_interactions_versions')) }}

),

interaction_types as (

    select * from {{ ref('interaction_types') }}

)

select
    interactions.brand_id,
    interactions.interaction_id,
    interactions.customer_id,
    interactions.occurred_at,
    interactions.has_time_of_day,
    interactions.interaction_date,
    interactions.interaction_type,
    coalesce(interaction_types.interaction_group, 'other') as interaction_group,
    interactions.duration_seconds,
    interactions.amount
from interactions
left join interaction_types
    on interactions.interaction_type = interaction_types.interaction_type
where interactions.interaction_date <= (select as_of_date from {{ ref('as_of_date') }} as reporting_day)
