{%- set customers_stages = 'partition by brand_id, customer_id order by valid_from' -%}

-- Every day on which a customer enters a stage follows from a few dates: when they became known, considered, committed
-- and retained, and when their spans in the base and as an advocate start and end. So no day in between is computed.
with known_customers as (

    select * from {{ ref('fct_known_customers') }}

),

-- an open span has no end yet
base_spans as (

    select
        spans.brand_id,
        spans.customer_id,
        spans.span_number,
        spans.span_start,
        case when not spans.is_open then spans.span_end end as span_end,
        known_customers.considered_on,
        known_customers.committed_on,
        known_customers.retained_on
    from {{ ref('fct_customer_spans') }} as spans
    inner join known_customers
        on
            spans.brand_id = known_customers.brand_id
            and spans.customer_id = known_customers.customer_id
    where spans.span_kind = 'base'

),

before_the_base as (

    select
        known_customers.*,
        base_spans.span_start as joined_on
    from known_customers
    left join base_spans
        on
            known_customers.brand_id = base_spans.brand_id
            and known_customers.customer_id = base_spans.customer_id
            and base_spans.span_number = 1

),

-- an advocate is retained, in the base and recommends the brand: where all three overlap
advocacy as (

    select
        base_spans.brand_id,
        base_spans.customer_id,
        {{ greatest('base_spans.span_start', 'base_spans.retained_on', 'advocacy_spans.span_start') }} as advocate_from,
        case when not advocacy_spans.is_open then advocacy_spans.span_end end as recommends_until,
        base_spans.span_end as base_until
    from base_spans
    inner join {{ ref('fct_advocacy_spans') }} as advocacy_spans
        on
            base_spans.brand_id = advocacy_spans.brand_id
            and base_spans.customer_id = advocacy_spans.customer_id
            and (base_spans.span_end is null or base_spans.span_end > advocacy_spans.span_start)
            and base_spans.span_start < advocacy_spans.span_end
    where
        base_spans.retained_on < advocacy_spans.span_end
        and (base_spans.span_end is null or base_spans.retained_on < base_spans.span_end)

),

retention_starts as (

    select
        brand_id,
        customer_id,
        {{ greatest('span_start', 'retained_on') }} as valid_from
    from base_spans
    where retained_on is not null and (span_end is null or retained_on < span_end)

    union all

    select
        brand_id,
        customer_id,
        recommends_until
    from advocacy
    where recommends_until is not null and (base_until is null or recommends_until < base_until)

),

stage_starts as (

    select
        brand_id,
        customer_id,
        known_since as valid_from,
        case when considered_on = known_since then 'consideration' else 'awareness' end as stage
    from before_the_base
    where joined_on is null or known_since < joined_on

    union all

    select
        brand_id,
        customer_id,
        considered_on,
        'consideration'
    from before_the_base
    where considered_on > known_since and (joined_on is null or considered_on < joined_on)

    union all

    -- in the base without a commitment; a customer who considered before the first span stays in consideration
    select
        brand_id,
        customer_id,
        span_start,
        'consideration'
    from base_spans
    where
        (committed_on is null or committed_on > span_start)
        and (span_number > 1 or considered_on is null or considered_on >= span_start)

    union all

    select
        brand_id,
        customer_id,
        {{ greatest('span_start', 'committed_on') }},
        'purchase'
    from base_spans
    where
        committed_on is not null
        and (span_end is null or committed_on < span_end)
        and (retained_on is null or retained_on > {{ greatest('span_start', 'committed_on') }})

    union all

    select
        retention_starts.brand_id,
        retention_starts.customer_id,
        retention_starts.valid_from,
        'retention'
    from retention_starts
    left join advocacy
        on
            retention_starts.brand_id = advocacy.brand_id
            and retention_starts.customer_id = advocacy.customer_id
            and retention_starts.valid_from = advocacy.advocate_from
    where advocacy.customer_id is null

    union all

    select
        brand_id,
        customer_id,
        advocate_from,
        'advocacy'
    from advocacy

    union all

    select
        brand_id,
        customer_id,
        span_end,
        'churned'
    from base_spans
    where span_end is not null

)

select
    brand_id,
    customer_id,
    valid_from,
    lead(valid_from) over ({{ customers_stages }}) as valid_to,
    stage,
    lag(stage) over ({{ customers_stages }}) as previous_stage,
    lag(valid_from) over ({{ customers_stages }}) as previous_valid_from,
    lead(valid_from) over ({{ customers_stages }}) is null as is_current
from stage_starts
