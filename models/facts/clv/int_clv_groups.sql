select
    brand_id,
    cut_days,
    x,
    t_x,
    observed_days,
    count(*) as customers,
    count(*) filter (where actual_order_days_90d > 0) as buyers_90d,
    count(*) filter (where actual_order_days_365d > 0) as buyers_365d
from {{ ref('fct_clv_histories') }}
group by brand_id, cut_days, x, t_x, observed_days
