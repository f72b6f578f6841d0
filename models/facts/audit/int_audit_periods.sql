with brands as (

    select
        brands.brand_id,
        brands.first_order_date,
        as_of.as_of_date
    from {{ ref('int_brands') }} as brands
    cross join {{ ref('as_of_date') }} as as_of
    where brands.first_order_date is not null

)

select
    brands.brand_id,
    brands.first_order_date,
    periods.period_grain,
    periods.period_start,
    periods.period_end,
    periods.is_complete_period,
    case periods.period_grain
        when 'month' then {{ period_start('month', add_days('periods.period_start', -1)) }}
        when 'year' then {{ period_start('year', add_days('periods.period_start', -1)) }}
    end as previous_period_start
from brands
inner join {{ ref('int_brand_periods') }} as periods
    on
        brands.brand_id = periods.brand_id
        and brands.first_order_date <= periods.period_end
where periods.period_grain in ('month', 'year')

union all

select
    brand_id,
    first_order_date,
    'trailing_year' as period_grain,
    {{ add_days('as_of_date', -364) }} as period_start,
    as_of_date as period_end,
    true as is_complete_period,
    {{ add_days('as_of_date', -729) }} as previous_period_start
from brands
