-- Question: How long do customers stay in a stage, and where do they go from there?
-- Reading: how stays in a stage ended, and after how many days. "still there" has not ended yet; if it holds most of
-- awareness or consideration, these customers have been left waiting.
{%- set as_of_date = '(select as_of_date from ' ~ ref('as_of_date') ~ ' as reporting_day)' %}

with history as (

    select * from {{ ref('lifecycle_stage_history') }}

),

stays as (

    select
        brand_id,
        stage,
        coalesce(
            lead(stage) over (partition by brand_id, customer_id order by valid_from), 'still there'
        ) as next_stage,
        {{ dbt.datediff('valid_from', 'coalesce(valid_to, ' ~ as_of_date ~ ')', 'day') }} as days_in_stage
    from history

),

counted as (

    select
        brand_id,
        stage,
        next_stage,
        count(*) as stays,
        {{ percentile_cont('cast(days_in_stage as ' ~ type_double() ~ ')', 0.5) }} as median_days
    from stays
    group by brand_id, stage, next_stage

)

select
    brand_id,
    stage,
    next_stage,
    stays,
    {{ ratio('stays', 'sum(stays) over (partition by brand_id, stage)') }} as share_of_stays,
    median_days
from counted
order by brand_id asc, stage asc, stays desc, next_stage asc
