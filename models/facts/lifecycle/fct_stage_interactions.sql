-- one row per customer first, so that counting rows counts customers
with by_customer as (

    select
        history.brand_id,
        {{ period_start('month', 'stg_interactions.interaction_date') }} as period_start,
        history.stage,
        stg_interactions.interaction_type,
        stg_interactions.interaction_group,
        history.customer_id,
        count(*) as interactions,
        count(stg_interactions.duration_seconds) as timed_interactions,
        sum(stg_interactions.duration_seconds) as duration_seconds
    from {{ ref('stg_interactions') }} as stg_interactions
    inner join {{ ref('lifecycle_stage_history') }} as history
        on
            stg_interactions.brand_id = history.brand_id
            and stg_interactions.customer_id = history.customer_id
            and stg_interactions.interaction_date >= history.valid_from
            and (history.valid_to is null or stg_interactions.interaction_date < history.valid_to)
    group by
        history.brand_id,
        {{ period_start('month', 'stg_interactions.interaction_date') }},
        history.stage,
        stg_interactions.interaction_type,
        stg_interactions.interaction_group,
        history.customer_id

)

select
    brand_id,
    period_start,
    stage,
    interaction_type,
    interaction_group,
    cast(sum(interactions) as bigint) as interactions,
    count(*) as customers,
    cast(sum(timed_interactions) as bigint) as timed_interactions,
    sum(duration_seconds) as duration_seconds
from by_customer
group by brand_id, period_start, stage, interaction_type, interaction_group
