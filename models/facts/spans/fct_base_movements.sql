{#- the loops: crossing spans with grains takes half as long again -#}
{%- set grains = period_grains() -%}

with spans as (

    select
        *
        {%- for grain in grains %},
        {{ period_start(grain, 'span_start') }} as {{ grain }}_of_start,
        {{ period_start(grain, 'span_end') }} as {{ grain }}_of_end
        {%- endfor %}
    from {{ ref('fct_customer_spans') }}
    where span_kind = 'base'

),

-- the first span to start in a period at whose start the customer was not in the base
entries as (

    {% for grain in grains -%}
    select
        brand_id,
        '{{ grain }}' as period_grain,
        {{ grain }}_of_start as period_start,
        count(*) filter (where span_number = 1) as first_entries,
        count(*) filter (where span_number > 1) as return_entries
    from spans
    where previous_span_end is null or previous_span_end < {{ grain }}_of_start
    group by brand_id, {{ grain }}_of_start
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- the last span to end in a period at whose end the customer is not in the base
exits as (

    {% for grain in grains -%}
    select
        brand_id,
        '{{ grain }}' as period_grain,
        {{ grain }}_of_end as period_start,
        count(*) as exits
    from spans
    where
        not is_open
        and (next_span_start is null or {{ period_start(grain, 'next_span_start') }} > {{ grain }}_of_end)
    group by brand_id, {{ grain }}_of_end
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- a customer who joined and left within one period, perhaps several times, is in both, and has not moved
visitors as (

    {% for grain in grains -%}
    select
        brand_id,
        '{{ grain }}' as period_grain,
        {{ grain }}_of_start as period_start,
        min(span_number) as first_span_number
    from spans
    where not is_open and {{ grain }}_of_start = {{ grain }}_of_end
    group by brand_id, customer_id, {{ grain }}_of_start
    having
        bool_or(previous_span_end is null or previous_span_end < {{ grain }}_of_start)
        and bool_or(next_span_start is null or {{ period_start(grain, 'next_span_start') }} > {{ grain }}_of_end)
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

movements as (

    select
        brand_id,
        period_grain,
        period_start,
        first_entries,
        return_entries,
        0 as exits,
        0 as first_visits,
        0 as return_visits
    from entries

    union all

    select
        brand_id,
        period_grain,
        period_start,
        0 as first_entries,
        0 as return_entries,
        exits,
        0 as first_visits,
        0 as return_visits
    from exits

    union all

    select
        brand_id,
        period_grain,
        period_start,
        0 as first_entries,
        0 as return_entries,
        0 as exits,
        count(*) filter (where first_span_number = 1) as first_visits,
        count(*) filter (where first_span_number > 1) as return_visits
    from visitors
    group by brand_id, period_grain, period_start

)

select
    brand_id,
    period_grain,
    period_start,
    cast(sum(exits - first_visits - return_visits) as bigint) as lost_customers,
    cast(sum(first_entries - first_visits) as bigint) as new_customers,
    cast(sum(return_entries - return_visits) as bigint) as reactivated_customers,
    cast(sum(first_entries) as bigint) as acquired_customers
from movements
group by brand_id, period_grain, period_start
