-- Identity: the acquired customers of a period are those whose acquisition date lies in it, so that all periods of
-- a grain add up to the customers who were ever in the base; the new ones are these less those who had left again
-- by its end.
-- Rows: periods of brand_metrics that say otherwise, and periods with acquisitions that it lacks.
with base_spans as (

    select
        spans.brand_id,
        spans.customer_id,
        spans.span_start,
        spans.span_end,
        spans.is_open,
        customers.acquisition_date
    from {{ ref('fct_customer_spans') }} as spans
    inner join {{ ref('customers') }} as customers
        on
            spans.brand_id = customers.brand_id
            and spans.customer_id = customers.customer_id
    where spans.span_kind = 'base'

),

-- a customer with a span that started in the period of their acquisition and reaches beyond it is there at its end
acquisitions as (

    {% for grain in period_grains() -%}
    {%- set acquired_in = period_start(grain, 'acquisition_date') -%}
    select
        brand_id,
        customer_id,
        '{{ grain }}' as period_grain,
        {{ acquired_in }} as period_start,
        max(
            case
                when
                    {{ period_start(grain, 'span_start') }} = {{ acquired_in }}
                    and (is_open or {{ period_start(grain, 'span_end') }} > {{ acquired_in }})
                    then 1
                else 0
            end
        ) as is_there_at_end
    from base_spans
    group by brand_id, customer_id, {{ acquired_in }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

expected as (

    select
        brand_id,
        period_grain,
        period_start,
        count(*) as acquired_customers,
        sum(is_there_at_end) as new_customers
    from acquisitions
    group by brand_id, period_grain, period_start

)

select
    brand_id,
    period_grain,
    period_start,
    brand_metrics.acquired_customers,
    expected.acquired_customers as expected_acquired_customers,
    brand_metrics.new_customers,
    expected.new_customers as expected_new_customers
from {{ ref('brand_metrics') }} as brand_metrics
full outer join expected
    using (brand_id, period_grain, period_start)
where
    coalesce(brand_metrics.acquired_customers, -1) <> coalesce(expected.acquired_customers, 0)
    or coalesce(brand_metrics.new_customers, -1) <> coalesce(expected.new_customers, 0)
