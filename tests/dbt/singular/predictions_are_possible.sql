-- Identity: p_alive is a probability, and exactly 1 for a single order date; expected orders are not negative and never
-- fall as the horizon grows; an order date is worth more than zero; and a year's discounted value is at most what its
-- expected orders are worth.
-- Rows: customers with any other prediction. (Up to a billionth is rounding.)
select
    brand_id,
    customer_id,
    p_alive,
    expected_orders_30d,
    expected_orders_90d,
    expected_orders_365d,
    expected_order_value,
    predicted_clv_365d
from {{ ref('customers') }}
where
    not (p_alive between 0 and 1)
    or (distinct_order_days = 1 and p_alive <> 1)
    or expected_orders_30d < 0
    or expected_orders_90d < expected_orders_30d * (1 - 1e-9)
    or expected_orders_365d < expected_orders_90d * (1 - 1e-9)
    or not (expected_order_value > 0)
    or predicted_clv_365d < 0
    or predicted_clv_365d > expected_orders_365d * expected_order_value * (1 + 1e-9)
