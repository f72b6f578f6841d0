select
    brand_id,
    cut_days,
    x,
    t_x,
    observed_days,
    count(*) as customers,
    count(case when actual_order_days_90d > 0 then 1 end) as buyers_90d,
    count(case when actual_order_days_365d > 0 then 1 end) as buyers_365d
from {{ ref('fct_clv_histories') }}
group by brand_id, cut_days, x, t_x, observed_days
