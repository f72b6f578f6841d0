-- Identity: who has no order has neither prediction nor status; everybody else has a status, and predicted_clv_365d
-- exactly when it is ok or at_bound. The chance and the orders come together.
-- Rows: customers with a prediction too many or too few.
select
    brand_id,
    customer_id,
    lifetime_orders,
    clv_fit_status,
    p_alive,
    expected_orders_365d,
    predicted_clv_365d
from {{ ref('customers') }}
where
    (lifetime_orders > 0) <> (clv_fit_status is not null)
    or coalesce(clv_fit_status in ('ok', 'at_bound'), false) <> (predicted_clv_365d is not null)
    or (p_alive is null) <> (expected_orders_30d is null)
    or (p_alive is null) <> (expected_orders_90d is null)
    or (p_alive is null) <> (expected_orders_365d is null)
    or (predicted_clv_365d is not null and (p_alive is null or expected_order_value is null))
