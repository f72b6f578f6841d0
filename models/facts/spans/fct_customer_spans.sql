{%- set spans_of_kind = 'partition by brand_id, customer_id, span_kind order by covered_from' -%}
{#- a day after all others: the end of a span without one, inside this model only -#}
{%- set endless = "cast('9999-12-31' as date)" -%}
{#- the loops: a span is made alike with either setting -#}
{%- set settings = {'active': 'active', 'base': 'churn'} -%}

with orders as (

    select * from {{ ref('fct_orders') }}
    where is_purchase

),

interaction_days as (

    select distinct
        brand_id,
        customer_id,
        interaction_date,
        interaction_group
    from {{ ref('stg_interactions') }}
    where
        {{ is_on_brand_list('active.signals', 'interaction_group') }}
        or {{ is_on_brand_list('churn.signals', 'interaction_group') }}

),

subscriptions as (

    select
        brand_id,
        customer_id,
        started_on,
        coalesce(ended_on, {{ endless }}) as ended_on
    from {{ ref('stg_subscriptions') }}

),

-- orders that follow one another within the window form one run, represented by its first order from here on
run_starts as (
{% for span_kind, setting in settings.items() %}
    select
        brand_id,
        customer_id,
        '{{ span_kind }}' as span_kind,
        order_date as covered_from,
        previous_order_date,
        last_order_date,
        {{ brand_value(setting ~ '.window_days') }} as window_days
    from orders
    where
        (
            order_sequence = 1
            or {{ add_days('previous_order_date', brand_value(setting ~ '.window_days')) }} < order_date
        )
        and {{ is_on_brand_list(setting ~ '.signals', "'order'") }}
{% if not loop.last %}
    union all
{% endif %}
{%- endfor %}
),

-- the order before a run's first order ended the previous run
runs as (

    select
        *,
        row_number() over ({{ spans_of_kind }}) as span_number,
        {{ add_days('previous_order_date', 'window_days') }} as previous_span_end,
        lead(covered_from) over ({{ spans_of_kind }}) as next_span_start,
        {{ add_days(
            'coalesce(lead(previous_order_date) over (' ~ spans_of_kind ~ '), last_order_date)', 'window_days'
        ) }} as covered_until
    from run_starts

),

other_signals as (
{% for span_kind, setting in settings.items() %}
    select
        brand_id,
        customer_id,
        '{{ span_kind }}' as span_kind,
        interaction_date as covered_from,
        {{ add_days('interaction_date', brand_value(setting ~ '.window_days')) }} as covered_until
    from interaction_days
    where {{ is_on_brand_list(setting ~ '.signals', 'interaction_group') }}

    union all

    select
        brand_id,
        customer_id,
        '{{ span_kind }}' as span_kind,
        started_on as covered_from,
        ended_on as covered_until
    from subscriptions
    where
        started_on < ended_on
        and {{ is_on_brand_list(setting ~ '.signals', "'subscription'") }}
{% if not loop.last %}
    union all
{% endif %}
{%- endfor %}
),

-- if orders are the only signals, the runs are the spans; otherwise intervals are merged
merging_customers as (

    select distinct
        brand_id,
        customer_id,
        span_kind
    from other_signals

),

intervals as (

    select
        runs.brand_id,
        runs.customer_id,
        runs.span_kind,
        runs.covered_from,
        runs.covered_until
    from runs
    inner join merging_customers
        on
            runs.brand_id = merging_customers.brand_id
            and runs.customer_id = merging_customers.customer_id
            and runs.span_kind = merging_customers.span_kind

    union all

    select
        brand_id,
        customer_id,
        span_kind,
        covered_from,
        covered_until
    from other_signals

),

reached as (

    select
        *,
        max(covered_until) over (
            partition by brand_id, customer_id, span_kind
            order by covered_from rows between unbounded preceding and 1 preceding
        ) as covered_before,
        max(covered_until) over (partition by brand_id, customer_id, span_kind) as covered_at_last
    from intervals

),

-- a span starts where no earlier interval reaches, and ends with the furthest interval before the next one
merged as (

    select
        brand_id,
        customer_id,
        span_kind,
        covered_from as span_start,
        row_number() over ({{ spans_of_kind }}) as span_number,
        covered_before as previous_span_end,
        lead(covered_from) over ({{ spans_of_kind }}) as next_span_start,
        coalesce(lead(covered_before) over ({{ spans_of_kind }}), covered_at_last) as span_end
    from reached
    where covered_before is null or covered_before < covered_from

),

spans as (

    select
        brand_id,
        customer_id,
        span_kind,
        span_number,
        span_start,
        span_end,
        previous_span_end,
        next_span_start
    from merged

    union all

    select
        brand_id,
        customer_id,
        span_kind,
        span_number,
        covered_from,
        covered_until,
        previous_span_end,
        next_span_start
    from runs
    where
        not exists (
            select 1 from merging_customers
            where
                merging_customers.brand_id = runs.brand_id
                and merging_customers.customer_id = runs.customer_id
                and merging_customers.span_kind = runs.span_kind
        )

)

select
    brand_id,
    customer_id,
    span_kind,
    span_number,
    span_start,
    nullif(span_end, {{ endless }}) as span_end,
    previous_span_end,
    next_span_start,
    span_end > (select as_of_date from {{ ref('as_of_date') }} as reporting_day) as is_open
from spans
