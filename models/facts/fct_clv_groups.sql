select
    brand_id,
    cut,
    x,
    t_x,
    observed_days,
    count(*) as customers
from {{ ref('fct_clv_histories') }}
group by brand_id, cut, x, t_x, observed_days
