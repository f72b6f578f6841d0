with spans as (

    select * from {{ ref('fct_customer_spans') }}
    where span_kind = 'base'

),

movements as (

    select
        brand_id,
        customer_id,
        span_start as moved_on,
        1 as change,
        case when span_number = 1 then 1 else 0 end as is_acquisition
    from spans

    union all

    select
        brand_id,
        customer_id,
        span_end,
        -1,
        0
    from spans
    where not is_open

),

-- within a period a customer can come and go several times: what counts is where they stand at its end against its start
by_customer as (

    {% for grain in period_grains() -%}
    select
        brand_id,
        customer_id,
        '{{ grain }}' as period_grain,
        {{ period_start(grain, 'moved_on') }} as period_start,
        sum(change) as net_change,
        max(is_acquisition) as is_acquired
    from movements
    group by brand_id, customer_id, {{ period_start(grain, 'moved_on') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    brand_id,
    period_grain,
    period_start,
    count(*) filter (where net_change = -1) as lost_customers,
    count(*) filter (where net_change = 1 and is_acquired = 1) as new_customers,
    count(*) filter (where net_change = 1 and is_acquired = 0) as reactivated_customers,
    count(*) filter (where is_acquired = 1) as acquired_customers
from by_customer
group by brand_id, period_grain, period_start
