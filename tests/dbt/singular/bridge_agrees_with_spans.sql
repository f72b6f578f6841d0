-- Identity: the customers at the end of a period are the base spans that started up to then less those that ended.
-- Rows: periods of brand_metrics that say otherwise, and periods with such a change that it lacks.
{%- set up_to_here = 'over (partition by brand_id, period_grain order by period_start rows unbounded preceding)' %}
with changes as (

    select
        brand_id,
        span_start as changed_on,
        1 as change
    from {{ ref('fct_customer_spans') }}
    where span_kind = 'base'

    union all

    select
        brand_id,
        span_end as changed_on,
        -1 as change
    from {{ ref('fct_customer_spans') }}
    where span_kind = 'base' and not is_open

),

changes_of_periods as (

    {% for grain in period_grains() -%}
    select
        brand_id,
        '{{ grain }}' as period_grain,
        {{ period_start(grain, 'changed_on') }} as period_start,
        sum(change) as change
    from changes
    group by brand_id, {{ period_start(grain, 'changed_on') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

joined as (

    select
        brand_id,
        period_grain,
        period_start,
        sum(brand_metrics.customers_at_end) as customers_at_end,
        sum(coalesce(changes_of_periods.change, 0)) as change
    from {{ ref('brand_metrics') }} as brand_metrics
    full outer join changes_of_periods
        using (brand_id, period_grain, period_start)
    group by brand_id, period_grain, period_start

),

counted as (

    select
        *,
        sum(change) {{ up_to_here }} as customers_by_spans
    from joined

)

select *
from counted
where coalesce(customers_at_end, -1) <> customers_by_spans
