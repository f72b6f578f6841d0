-- Identity: buyers + frequency + order value = the change of revenue, and so for the parts of the first and the last,
-- within 1e-9 of the revenue; the change is the difference of two periods of brand_metrics.
-- Rows: comparisons that break one of these.
with drivers as (

    select
        drivers.*,
        1e-9 * (this_period.net_revenue + earlier.net_revenue) as room,
        this_period.net_revenue - earlier.net_revenue as change_of_metrics
    from {{ ref('revenue_drivers') }} as drivers
    left join {{ ref('brand_metrics') }} as this_period
        on
            drivers.brand_id = this_period.brand_id
            and drivers.period_grain = this_period.period_grain
            and drivers.period_start = this_period.period_start
    left join {{ ref('brand_metrics') }} as earlier
        on
            drivers.brand_id = earlier.brand_id
            and drivers.period_grain = earlier.period_grain
            and earlier.period_start = case
                when drivers.compared_with = 'year_before'
                    then {{ start_of_period('drivers.period_grain', add_days('drivers.period_start', -365)) }}
                else {{ start_of_period('drivers.period_grain', add_days('drivers.period_start', -1)) }}
            end

)

select
    brand_id,
    period_grain,
    period_start,
    compared_with,
    revenue_change,
    change_of_metrics
from drivers
where
    coalesce(revenue_change <> change_of_metrics, true)
    or abs(buyers_effect + frequency_effect + order_value_effect - revenue_change) > room
    or abs(gross_value_effect + discount_effect + refund_effect - order_value_effect) > room
    or abs(first_time_buyers_effect + returning_buyers_effect - buyers_effect) > room
