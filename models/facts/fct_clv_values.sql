select
    brand_id,
    x,
    mean_value,
    count(*) as customers
from {{ ref('fct_clv_histories') }}
where cut = 'as_of_date' and x > 0 and mean_value > 0
group by brand_id, x, mean_value
