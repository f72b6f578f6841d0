select
    periods.brand_id,
    periods.period_start,
    periods.period_end,
    periods.is_complete_period
from {{ ref('int_brand_periods') }} as periods
inner join {{ ref('int_brands') }} as brands
    on
        periods.brand_id = brands.brand_id
        and periods.period_end >= brands.first_order_date
where periods.period_grain = 'month'
