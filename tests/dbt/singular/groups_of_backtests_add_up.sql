-- Identity: customers with one order date and those with more add up to all customers of a back-test, and so do its
-- tenths, if any: in customers, orders, revenue, predictions of both, and errors.
-- Rows: back-tests whose groups do not add up to `all`. (Up to a billionth of a prediction is rounding.)
with sums as (

    select
        brand_id,
        cut_date,
        horizon_days,
        case
            when customer_group = 'all' then 'all'
            when customer_group in ('one_order_date', 'repeat') then 'kinds'
            else 'tenths'
        end as split,
        count(*) as group_count,
        sum(customers) as customers,
        sum(actual_orders) as actual_orders,
        sum(predicted_orders) as predicted_orders,
        sum(naive_predicted_orders) as naive_predicted_orders,
        sum(actual_net_revenue) as actual_net_revenue,
        sum(predicted_net_revenue) as predicted_net_revenue,
        sum(naive_predicted_net_revenue) as naive_predicted_net_revenue,
        coalesce(sum(customer_mae * customers), 0) as misses,
        coalesce(sum(customer_rmse * customer_rmse * customers), 0) as squared_misses,
        coalesce(sum(naive_customer_mae * customers), 0) as naive_misses,
        coalesce(sum(naive_customer_rmse * naive_customer_rmse * customers), 0) as naive_squared_misses
    from {{ ref('clv_backtests') }}
    group by brand_id, cut_date, horizon_days, split

)

select
    parts.brand_id,
    parts.cut_date,
    parts.horizon_days,
    parts.split,
    parts.group_count,
    parts.customers,
    everyone.customers as all_customers,
    parts.predicted_orders,
    everyone.predicted_orders as all_predicted_orders
from sums as parts
left join sums as everyone
    on
        parts.brand_id = everyone.brand_id
        and parts.cut_date = everyone.cut_date
        and parts.horizon_days = everyone.horizon_days
        and everyone.split = 'all'
where
    everyone.brand_id is null
    or parts.group_count <> case parts.split when 'all' then 1 when 'kinds' then 2 else 10 end
    or parts.customers <> everyone.customers
    or parts.actual_orders <> everyone.actual_orders
    or parts.naive_predicted_orders <> everyone.naive_predicted_orders
    or parts.actual_net_revenue <> everyone.actual_net_revenue
    or parts.naive_predicted_net_revenue <> everyone.naive_predicted_net_revenue
    or (parts.predicted_net_revenue is null) <> (everyone.predicted_net_revenue is null)
    or abs(parts.predicted_orders - everyone.predicted_orders) > 1e-9 * everyone.predicted_orders
    or abs(parts.predicted_net_revenue - everyone.predicted_net_revenue) > 1e-9 * everyone.predicted_net_revenue
    or abs(parts.misses - everyone.misses) > 1e-9 * everyone.misses
    or abs(parts.squared_misses - everyone.squared_misses) > 1e-9 * everyone.squared_misses
    or abs(parts.naive_misses - everyone.naive_misses) > 1e-9 * everyone.naive_misses
    or abs(parts.naive_squared_misses - everyone.naive_squared_misses) > 1e-9 * everyone.naive_squared_misses
