-- means within a fortieth of each other as one, for each x: what is lost is of second order
select
    brand_id,
    cut_days,
    x,
    sum(customers * mean_value) / sum(customers) as mean_value,
    sum(customers) as customers
from {{ ref('int_clv_values') }}
group by brand_id, cut_days, x, floor(40e0 * ln(mean_value))
