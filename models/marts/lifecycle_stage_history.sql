-- running totals of the customers' changes give the stage: one row per day with a change, none for the days between
with changes as (

    select * from {{ ref('fct_lifecycle_changes') }}

),

totals as (

    select
        brand_id,
        customer_id,
        changed_on,
        sum(known) over so_far > 0 as is_known,
        sum(considered) over so_far > 0 as has_considered,
        sum(committed) over so_far > 0 as has_committed,
        sum(retained) over so_far > 0 as is_retained,
        sum(base_starts) over so_far > 0 as was_in_base,
        sum(base_change) over so_far > 0 as is_in_base,
        sum(advocacy_change) over so_far > 0 as is_advocate
    from changes
    window so_far as (partition by brand_id, customer_id order by changed_on rows unbounded preceding)

),

staged as (

    select
        brand_id,
        customer_id,
        changed_on,
        case
            when was_in_base and not is_in_base then 'churned'
            when is_in_base and is_retained and is_advocate then 'advocacy'
            when is_in_base and is_retained then 'retention'
            when is_in_base and has_committed then 'purchase'
            when is_in_base or has_considered then 'consideration'
            else 'awareness'
        end as stage
    from totals
    where is_known

),

compared as (

    select
        *,
        lag(stage) over (partition by brand_id, customer_id order by changed_on) as previous_stage
    from staged

),

runs as (

    select
        *,
        lag(changed_on) over runs_of_customer as previous_changed_on,
        lead(changed_on) over runs_of_customer as next_changed_on
    from compared
    where previous_stage is null or stage <> previous_stage
    window runs_of_customer as (partition by brand_id, customer_id order by changed_on)

)

select
    brand_id,
    customer_id,
    changed_on as valid_from,
    next_changed_on as valid_to,
    stage,
    previous_stage,
    previous_changed_on as previous_valid_from,
    next_changed_on is null as is_current
from runs
