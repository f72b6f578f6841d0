-- Identity: a cohort's size is the number of customers whose first order lies in its period, in every row and at
-- index 0 as purchasing customers; at its last index its repeat customers are those of them with two orders or
-- more, and its cumulative net revenue is theirs. So the cohorts of a grain add up to all customers with orders.
-- Rows: cohorts that say otherwise, and cohorts that cohort_retention lacks.
{%- set grains = ['month', 'quarter', 'year'] %}
with buyers as (

    {% for grain in grains -%}
    select
        brand_id,
        '{{ grain }}' as cohort_grain,
        {{ period_start(grain, 'first_order_date') }} as cohort_start,
        count(*) as buyers,
        count(case when lifetime_orders >= 2 then 1 end) as repeat_buyers,
        sum(lifetime_net_revenue) as net_revenue
    from {{ ref('customers') }}
    where lifetime_orders > 0
    group by brand_id, {{ period_start(grain, 'first_order_date') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

cohort_rows as (

    select
        *,
        row_number() over (
            partition by brand_id, cohort_grain, cohort_start order by period_index desc
        ) as periods_ago
    from {{ ref('cohort_retention') }}

),

cohorts as (

    select
        brand_id,
        cohort_grain,
        cohort_start,
        min(cohort_size) as smallest_cohort_size,
        max(cohort_size) as largest_cohort_size,
        max(case when period_index = 0 then purchasing_customers end) as purchasing_customers_at_first,
        max(case when periods_ago = 1 then repeat_customers_to_date end) as repeat_customers_at_last,
        max(case when periods_ago = 1 then cumulative_net_revenue end) as net_revenue_at_last
    from cohort_rows
    group by brand_id, cohort_grain, cohort_start

)

select
    brand_id,
    cohort_grain,
    cohort_start,
    cohorts.smallest_cohort_size,
    cohorts.largest_cohort_size,
    cohorts.purchasing_customers_at_first,
    buyers.buyers,
    cohorts.repeat_customers_at_last,
    buyers.repeat_buyers,
    cohorts.net_revenue_at_last,
    buyers.net_revenue
from cohorts
full outer join buyers
    using (brand_id, cohort_grain, cohort_start)
where
    coalesce(cohorts.smallest_cohort_size, 0) <> coalesce(buyers.buyers, 0)
    or coalesce(cohorts.largest_cohort_size, 0) <> coalesce(buyers.buyers, 0)
    or coalesce(cohorts.purchasing_customers_at_first, 0) <> coalesce(buyers.buyers, 0)
    or coalesce(cohorts.repeat_customers_at_last, 0) <> coalesce(buyers.repeat_buyers, 0)
    or coalesce(cohorts.net_revenue_at_last, 0) <> coalesce(buyers.net_revenue, 0)
