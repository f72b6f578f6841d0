select
    orders.brand_id,
    orders.cut_days,
    orders.model,
    orders.customers,
    orders.repeat_customers,
    orders.r,
    orders.alpha,
    orders.a,
    orders.b,
    orders.log_likelihood,
    spend.p,
    spend.q,
    spend.v,
    spend.log_likelihood as gamma_gamma_log_likelihood,
    orders.iterations,
    spend.iterations as gamma_gamma_iterations,
    orders.fit_status,
    coalesce(spend.fit_status, 'too_few_repeat_customers') as gamma_gamma_status,
    -- one of the two may be kept where the other is not; without a fit of spend it is that of orders
    {{ least('orders.fitted_as_of', 'spend.fitted_as_of') }} as fitted_as_of
from {{ ref('int_clv_order_fits') }} as orders
left join {{ ref('int_clv_spend_fits') }} as spend
    on orders.brand_id = spend.brand_id and orders.cut_days = spend.cut_days
