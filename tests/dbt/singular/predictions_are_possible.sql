-- Identity: p_alive and the chances are probabilities. The chance of an order is at most p_alive, does not fall with
-- the horizon, and is at most the expected orders. With BG/NBD, customers with one order date have no p_alive. Expected
-- orders are not negative, and more days bring no fewer. Customers in the base without an end date have no churn
-- probability, and customers outside the base do not churn. An order date is worth more than nothing, and a year's
-- discounted value is at most what its orders are worth.
-- Rows: customers with impossible predictions. (A billionth is allowed for rounding.)
select
    brand_id,
    customer_id,
    p_alive,
    p_order_90d,
    p_order_365d,
    churn_probability,
    churn_risk,
    expected_orders_30d,
    expected_orders_90d,
    expected_orders_365d,
    expected_order_value,
    predicted_clv_365d
from {{ ref('customers') }}
where
    not (p_alive between 0 and 1)
    or not (p_order_90d between 0 and 1)
    or not (churn_probability between 0 and 1)
    or p_order_90d > p_alive * (1 + 1e-9)
    or p_order_365d > p_alive * (1 + 1e-9)
    or p_order_365d < p_order_90d * (1 - 1e-9)
    or p_order_90d > expected_orders_90d * (1 + 1e-9)
    or p_order_365d > expected_orders_365d * (1 + 1e-9)
    or ({{ brand_value('clv.model') }} = 'bg_nbd' and distinct_order_days = 1 and p_alive is not null)
    or (churn_probability is not null and (last_base_day is null or p_order_90d is null))
    or coalesce(churn_risk, 'none') <> case
        when churn_probability is null then 'none'
        when churn_probability < 0.33 then 'low'
        when churn_probability > 0.66 then 'high'
        else 'medium'
    end
    or expected_orders_30d < 0
    or expected_orders_90d < expected_orders_30d * (1 - 1e-9)
    or expected_orders_365d < expected_orders_90d * (1 - 1e-9)
    or not (expected_order_value > 0)
    or predicted_clv_365d < 0
    or predicted_clv_365d > expected_orders_365d * expected_order_value * (1 + 1e-9)
