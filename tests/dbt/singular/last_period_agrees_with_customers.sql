-- Identity: at the end of a brand's last period, of any grain, the customers in the base, the active customers and the
-- monthly recurring amount equal those of customers at as_of_date.
-- Rows: brands and grains whose last period says otherwise.
with brands as (

    select
        brand_id,
        count(case when relationship_status in ('active', 'dormant') then 1 end) as customers_in_base,
        count(case when is_active then 1 end) as active_customers,
        sum(monthly_recurring_amount) as monthly_recurring_amount
    from {{ ref('customers') }}
    group by brand_id

),

grains as (

    {% for grain in period_grains() -%}
    select '{{ grain }}' as period_grain
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

last_periods as (

    select
        *,
        row_number() over (partition by brand_id, period_grain order by period_start desc) as periods_ago
    from {{ ref('brand_metrics') }}

)

-- a brand with only prospects has no period, and an empty base
select
    brands.brand_id,
    grains.period_grain,
    last_periods.customers_at_end,
    brands.customers_in_base,
    last_periods.active_customers,
    brands.active_customers as customers_who_are_active,
    last_periods.monthly_recurring_amount,
    brands.monthly_recurring_amount as monthly_recurring_amount_of_customers
from brands
cross join grains
left join last_periods
    on
        brands.brand_id = last_periods.brand_id
        and grains.period_grain = last_periods.period_grain
        and last_periods.periods_ago = 1
where
    coalesce(last_periods.customers_at_end, 0) <> brands.customers_in_base
    or coalesce(last_periods.active_customers, 0) <> brands.active_customers
    or coalesce(last_periods.monthly_recurring_amount, 0) <> brands.monthly_recurring_amount
