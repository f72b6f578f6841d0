-- Identity: within a period start - lost + new + reactivated = end, start - lost = retained, and churn_rate and
-- retention_rate add up to 1 if there were opening customers.
-- Rows: periods of brand_metrics that break one of them.
select
    brand_id,
    period_grain,
    period_start,
    customers_at_start,
    lost_customers,
    new_customers,
    reactivated_customers,
    customers_at_end,
    retained_customers,
    churn_rate,
    retention_rate
from {{ ref('brand_metrics') }}
where
    customers_at_start - lost_customers + new_customers + reactivated_customers <> customers_at_end
    or customers_at_start - lost_customers <> retained_customers
    or {{ least(
        'customers_at_start', 'lost_customers', 'new_customers', 'reactivated_customers', 'retained_customers'
    ) }} < 0
    or (customers_at_start > 0 and coalesce(abs(churn_rate + retention_rate - 1), 1) > 1e-9)
    or (customers_at_start = 0 and (churn_rate is not null or retention_rate is not null))
