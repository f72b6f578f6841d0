-- Identity: at the end of a brand's last period, of any grain, the customers in each stage equal those of customers at
-- as_of_date, so that all stages add up to all customers.
-- Rows: brands, grains and stages whose last period says otherwise.
with last_periods as (

    select
        brand_id,
        period_grain,
        stage,
        customers,
        row_number() over (partition by brand_id, period_grain, stage order by period_start desc) as periods_ago
    from {{ ref('lifecycle_stages') }}

),

grains as (

    {% for grain in period_grains() -%}
    select '{{ grain }}' as period_grain
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

differences as (

    select
        brand_id,
        period_grain,
        stage,
        customers
    from last_periods
    where periods_ago = 1

    union all

    select
        measured.brand_id,
        grains.period_grain,
        measured.lifecycle_stage as stage,
        -count(*) as customers
    from {{ ref('customers') }} as measured
    cross join grains
    group by measured.brand_id, grains.period_grain, measured.lifecycle_stage

)

select
    brand_id,
    period_grain,
    stage,
    sum(customers) as customers_too_many
from differences
group by brand_id, period_grain, stage
having sum(customers) <> 0
