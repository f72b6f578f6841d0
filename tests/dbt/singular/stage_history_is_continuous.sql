{%- set stages_of_customer = 'partition by brand_id, customer_id order by valid_from' -%}
-- Identity: a customer's stages begin on the day they became known and follow one another without gap or overlap;
-- consecutive stages differ, and only the last is current.
-- Rows: stages that violate this, and known customers without any.
with stages as (

    select
        brand_id,
        customer_id,
        valid_from,
        valid_to,
        stage,
        previous_stage,
        is_current,
        lag(stage) over ({{ stages_of_customer }}) as stage_before,
        lag(valid_to) over ({{ stages_of_customer }}) as valid_to_before,
        lead(valid_from) over ({{ stages_of_customer }}) as next_valid_from
    from {{ ref('lifecycle_stage_history') }}

)

select
    brand_id,
    customer_id,
    known_customers.known_since,
    stages.valid_from,
    stages.valid_to,
    stages.stage,
    stages.previous_stage,
    stages.is_current
from stages
full outer join {{ ref('fct_known_customers') }} as known_customers
    using (brand_id, customer_id)
where
    stages.valid_from is null
    or known_customers.known_since is null
    -- the first has no predecessor, every other one begins where the previous one ends
    or coalesce(stages.valid_to_before, known_customers.known_since) <> stages.valid_from
    or (stages.valid_to_before is null) <> (stages.stage_before is null)
    or coalesce(stages.valid_to <= stages.valid_from, false)
    or coalesce(stages.previous_stage, '') <> coalesce(stages.stage_before, '')
    or coalesce(stages.stage = stages.stage_before, false)
    or stages.is_current <> (stages.valid_to is null)
    or stages.is_current <> (stages.next_valid_from is null)
