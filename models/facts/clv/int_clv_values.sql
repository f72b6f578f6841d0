select
    brand_id,
    cut_days,
    x,
    mean_value,
    count(*) as customers
from {{ ref('fct_clv_histories') }}
where x > 0 and mean_value > 0
group by brand_id, cut_days, x, mean_value
