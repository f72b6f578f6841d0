-- Identity: who has no order has neither prediction nor status; everybody else has a status, and predicted_clv_365d
-- exactly when it is ok or at_bound. Chances and orders come together, but for the p_alive of one order date, which
-- BG/NBD does not have.
-- Rows: customers with an unexpected or a missing prediction.
select
    brand_id,
    customer_id,
    lifetime_orders,
    clv_fit_status,
    p_alive,
    p_order_90d,
    expected_orders_365d,
    predicted_clv_365d
from {{ ref('customers') }}
where
    (lifetime_orders > 0) <> (clv_fit_status is not null)
    or coalesce(clv_fit_status in ('ok', 'at_bound'), false) <> (predicted_clv_365d is not null)
    or (p_order_90d is null) <> (p_order_365d is null)
    or (p_order_90d is null) <> (expected_orders_30d is null)
    or (p_order_90d is null) <> (expected_orders_90d is null)
    or (p_order_90d is null) <> (expected_orders_365d is null)
    or (p_alive is not null and p_order_90d is null)
    or (
        p_alive is null and p_order_90d is not null
        and not ({{ brand_value('clv.model') }} = 'bg_nbd' and distinct_order_days = 1)
    )
    or (predicted_clv_365d is not null and (p_order_90d is null or expected_order_value is null))
