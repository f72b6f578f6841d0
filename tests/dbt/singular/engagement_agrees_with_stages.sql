-- Identity: a month's interactions of a stage, added up over their types, are those of lifecycle_stages.
-- Rows: months and stages in which they are not.
with stages as (

    select
        brand_id,
        period_start,
        stage,
        interactions
    from {{ ref('lifecycle_stages') }}
    where period_grain = 'month'

),

engagement as (

    select
        brand_id,
        period_start,
        stage,
        sum(interactions) as interactions,
        max(customers) as customers
    from {{ ref('engagement_by_stage') }}
    group by brand_id, period_start, stage

)

select
    coalesce(stages.brand_id, engagement.brand_id) as brand_id,
    coalesce(stages.period_start, engagement.period_start) as period_start,
    coalesce(stages.stage, engagement.stage) as stage,
    stages.interactions,
    engagement.interactions as interactions_of_types
from stages
full outer join engagement
    on
        stages.brand_id = engagement.brand_id
        and stages.period_start = engagement.period_start
        and stages.stage = engagement.stage
where
    coalesce(stages.interactions, 0) <> coalesce(engagement.interactions, 0)
    or engagement.customers > engagement.interactions
