-- Identity: customers without orders have neither prediction nor status; all others have a status, and
-- predicted_clv_365d exactly if it is ok or at_bound. p_alive and expected orders are both present or both null.
-- Rows: customers with an unexpected or a missing prediction.
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
