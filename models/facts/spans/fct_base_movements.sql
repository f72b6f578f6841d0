{#- the loops: crossing spans with grains takes half as long again -#}
{%- set grains = period_grains() -%}

with spans as (

    select
        customer_spans.*,
        known_customers.retained_on,
        {{ greatest('customer_spans.span_start', 'known_customers.retained_on') }} as repeat_start,
        {{ dbt.datediff('customer_spans.span_end', 'customer_spans.next_span_start', 'day') }} as days_away
        {%- for grain in grains %},
        {{ period_start(grain, 'customer_spans.span_start') }} as {{ grain }}_of_start,
        {{ period_start(grain, 'customer_spans.span_end') }} as {{ grain }}_of_end
        {%- endfor %}
    from {{ ref('fct_customer_spans') }} as customer_spans
    left join {{ ref('fct_known_customers') }} as known_customers
        on
            customer_spans.brand_id = known_customers.brand_id
            and customer_spans.customer_id = known_customers.customer_id
    where customer_spans.span_kind = 'base'

),

-- the first span to start in a period at whose start the customer was not in the base
entries as (

    {% for grain in grains -%}
    select
        brand_id,
        '{{ grain }}' as period_grain,
        {{ grain }}_of_start as period_start,
        count(case when span_number = 1 then 1 end) as first_entries,
        count(case when span_number > 1 then 1 end) as return_entries
    from spans
    where previous_span_end is null or previous_span_end < {{ grain }}_of_start
    group by brand_id, {{ grain }}_of_start
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- the last span to end in a period at whose end the customer is not in the base
exits_by_period as (

    {% for grain in grains -%}
    select
        brand_id,
        '{{ grain }}' as period_grain,
        {{ grain }}_of_end as period_start,
        count(*) as exits,
        count(case when retained_on < {{ grain }}_of_end then 1 end) as repeat_exits
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
        min(span_number) as first_span_number,
        min(retained_on) < {{ grain }}_of_start as is_repeat
    from spans
    where not is_open and {{ grain }}_of_start = {{ grain }}_of_end
    group by brand_id, customer_id, {{ grain }}_of_start
    having
        {{ dbt.bool_or('previous_span_end is null or previous_span_end < ' ~ grain ~ '_of_start') }}
        and {{ dbt.bool_or(
            'next_span_start is null or ' ~ period_start(grain, 'next_span_start') ~ ' > ' ~ grain ~ '_of_end'
        ) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- churns, and those of them that did not last
churns_by_period as (

    {% for grain in grains -%}
    select
        brand_id,
        '{{ grain }}' as period_grain,
        {{ grain }}_of_end as period_start,
        count(*) as churns,
        count(case when days_away <= 180 then 1 end) as churns_reactivated_180d
    from spans
    where not is_open
    group by brand_id, {{ grain }}_of_end
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- the base's retained customers: from the span's start or the day they were retained to the span's end
repeat_changes as (

    {% for grain in grains -%}
    select
        brand_id,
        '{{ grain }}' as period_grain,
        {{ period_start(grain, 'repeat_start') }} as period_start,
        count(*) as repeat_change
    from spans
    where retained_on is not null and (is_open or repeat_start < span_end)
    group by brand_id, {{ period_start(grain, 'repeat_start') }}

    union all

    select
        brand_id,
        '{{ grain }}' as period_grain,
        {{ grain }}_of_end,
        -count(*)
    from spans
    where not is_open and repeat_start < span_end and retained_on is not null
    group by brand_id, {{ grain }}_of_end
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
        0 as repeat_exits,
        0 as first_visits,
        0 as return_visits,
        0 as repeat_visits,
        0 as churns,
        0 as churns_reactivated_180d,
        0 as repeat_change
    from entries

    union all

    select
        brand_id,
        period_grain,
        period_start,
        0 as first_entries,
        0 as return_entries,
        exits,
        repeat_exits,
        0 as first_visits,
        0 as return_visits,
        0 as repeat_visits,
        0 as churns,
        0 as churns_reactivated_180d,
        0 as repeat_change
    from exits_by_period

    union all

    select
        brand_id,
        period_grain,
        period_start,
        0 as first_entries,
        0 as return_entries,
        0 as exits,
        0 as repeat_exits,
        count(case when first_span_number = 1 then 1 end) as first_visits,
        count(case when first_span_number > 1 then 1 end) as return_visits,
        count(case when is_repeat then 1 end) as repeat_visits,
        0 as churns,
        0 as churns_reactivated_180d,
        0 as repeat_change
    from visitors
    group by brand_id, period_grain, period_start

    union all

    select
        brand_id,
        period_grain,
        period_start,
        0 as first_entries,
        0 as return_entries,
        0 as exits,
        0 as repeat_exits,
        0 as first_visits,
        0 as return_visits,
        0 as repeat_visits,
        churns,
        churns_reactivated_180d,
        0 as repeat_change
    from churns_by_period

    union all

    select
        brand_id,
        period_grain,
        period_start,
        0 as first_entries,
        0 as return_entries,
        0 as exits,
        0 as repeat_exits,
        0 as first_visits,
        0 as return_visits,
        0 as repeat_visits,
        0 as churns,
        0 as churns_reactivated_180d,
        repeat_change
    from repeat_changes

)

select
    brand_id,
    period_grain,
    period_start,
    cast(sum(exits - first_visits - return_visits) as bigint) as lost_customers,
    cast(sum(first_entries - first_visits) as bigint) as new_customers,
    cast(sum(return_entries - return_visits) as bigint) as reactivated_customers,
    cast(sum(first_entries) as bigint) as acquired_customers,
    cast(sum(repeat_exits - repeat_visits) as bigint) as lost_repeat_customers,
    cast(sum(repeat_change) as bigint) as repeat_change,
    cast(sum(churns) as bigint) as churns,
    cast(sum(churns_reactivated_180d) as bigint) as churns_reactivated_180d
from movements
group by brand_id, period_grain, period_start
