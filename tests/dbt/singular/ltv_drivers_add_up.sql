-- Identity: under each property of ltv_drivers stand all customers of the brand and horizon, with all they brought; a q
-- is at least its p, and a notable row has a q and a lift.
-- Rows: properties and values that break one of these.
with first_orders as (

    select
        first_orders.*,
        180 as horizon_days,
        first_orders.net_revenue + first_orders.later_net_revenue_180d as net_revenue_of_horizon
    from {{ ref('fct_first_orders') }} as first_orders

    union all

    select
        first_orders.*,
        365 as horizon_days,
        first_orders.net_revenue + first_orders.later_net_revenue_365d as net_revenue_of_horizon
    from {{ ref('fct_first_orders') }} as first_orders
    where first_orders.later_net_revenue_365d is not null

),

totals as (

    select
        first_orders.brand_id,
        first_orders.horizon_days,
        count(*) as customers,
        sum(first_orders.net_revenue_of_horizon) as net_revenue
    from first_orders
    inner join {{ ref('int_brands') }} as brands
        on first_orders.brand_id = brands.brand_id
    where
        not {{ is_left_truncated('first_orders.first_order_date', 'brands.first_order_date', 'first_orders.brand_id') }}
    group by first_orders.brand_id, first_orders.horizon_days

),

properties as (

    select
        brand_id,
        horizon_days,
        property,
        sum(customers) as customers,
        sum(customers * average_ltv) as net_revenue
    from {{ ref('ltv_drivers') }}
    group by brand_id, horizon_days, property

)

select
    properties.brand_id,
    properties.horizon_days,
    properties.property,
    cast(null as {{ dbt.type_string() }}) as property_value
from properties
left join totals
    on properties.brand_id = totals.brand_id and properties.horizon_days = totals.horizon_days
where
    coalesce(properties.customers <> totals.customers, true)
    or abs(properties.net_revenue - totals.net_revenue) > 1e-9 * totals.net_revenue

union all

select
    brand_id,
    horizon_days,
    property,
    value as property_value
from {{ ref('ltv_drivers') }}
where
    p_value not between 0 and 1
    or q_value > 1
    or q_value < (1 - 1e-9) * p_value
    or is_notable and coalesce(q_value >= 0.05 or coalesce(later_revenue_lift, repeat_lift) is null, true)
