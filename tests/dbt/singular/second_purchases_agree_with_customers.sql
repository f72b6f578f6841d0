-- Identity: the first buyers of a month are the customers whose first order lies in it, and a longer window never has
-- fewer second buyers.
-- Rows: months of second_purchase that say otherwise, and months with first buyers that it lacks.
{%- set windows = [30, 60, 90, 180, 365] %}
with buyers as (

    select
        brand_id,
        {{ period_start('month', 'first_order_date') }} as cohort_start,
        count(*) as buyers
    from {{ ref('customers') }}
    where lifetime_orders > 0
    group by brand_id, {{ period_start('month', 'first_order_date') }}

)

select
    brand_id,
    cohort_start,
    second_purchase.first_buyers,
    buyers.buyers
from {{ ref('second_purchase') }} as second_purchase
full outer join buyers
    using (brand_id, cohort_start)
where
    coalesce(second_purchase.first_buyers, -1) <> coalesce(buyers.buyers, 0)
    {%- for window in windows %}
    or second_purchase.second_buyers_{{ window }}d > second_purchase.first_buyers
    {%- if not loop.last %}
    or second_purchase.second_buyers_{{ window }}d > second_purchase.second_buyers_{{ windows[loop.index] }}d
    {%- endif %}
    {%- endfor %}
