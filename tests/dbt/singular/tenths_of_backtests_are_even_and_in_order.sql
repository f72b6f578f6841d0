{%- set back_test = 'partition by brand_id, cut_date, horizon_days' -%}
-- Identity: the tenths of a back-test differ by one customer at most, and no tenth is predicted to bring more by the
-- customer than the one before it. An order_auc is a probability.
-- Rows: back-tests and tenths that are otherwise. (Up to a billionth is rounding.)
with tenths as (

    select
        brand_id,
        cut_date,
        horizon_days,
        customer_group,
        customers,
        coalesce(predicted_net_revenue, predicted_orders) / nullif(customers, 0) as predicted_per_customer,
        cast({{ dbt.replace('customer_group', "'decile_'", "''") }} as integer) as tenth
    from {{ ref('clv_backtests') }}
    where customer_group like 'decile%'

),

compared as (

    select
        *,
        (max(customers) over ({{ back_test }})) - (min(customers) over ({{ back_test }})) as apart,
        lag(predicted_per_customer) over (partition by brand_id, cut_date, horizon_days order by tenth)
            as predicted_before
    from tenths

)

select
    brand_id,
    cut_date,
    horizon_days,
    customer_group
from compared
where apart > 1 or predicted_per_customer > predicted_before * (1 + 1e-9)

union all

select
    brand_id,
    cut_date,
    horizon_days,
    customer_group
from {{ ref('clv_backtests') }}
where not (order_auc between 0 and 1) or (customer_group <> 'all' and order_auc is not null)
