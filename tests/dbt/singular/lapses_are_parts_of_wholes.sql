-- Identity: of a period's opening customers, the lost are among those at risk, and lost repeat customers among the lost
-- and among the repeat customers.
-- Rows: periods of brand_metrics that violate this.
select
    brand_id,
    period_grain,
    period_start,
    customers_at_start,
    at_risk_customers,
    lost_customers,
    repeat_customers_at_start,
    lost_repeat_customers
from {{ ref('brand_metrics') }}
where
    lost_customers > at_risk_customers
    or at_risk_customers > customers_at_start
    or repeat_customers_at_start > customers_at_start
    or lost_repeat_customers > lost_customers
    or lost_repeat_customers > repeat_customers_at_start
    or {{ least('at_risk_customers', 'repeat_customers_at_start', 'lost_repeat_customers') }} < 0
