{%- set text = dbt.type_string() -%}

with first_orders as (

    select first_orders.*
    from {{ ref('fct_first_orders') }} as first_orders
    inner join {{ ref('int_brands') }} as brands
        on first_orders.brand_id = brands.brand_id
    where
        not {{ is_left_truncated('first_orders.first_order_date', 'brands.first_order_date', 'first_orders.brand_id') }}

),

horizons as (

    select
        *,
        180 as horizon_days,
        later_net_revenue_180d as later_net_revenue,
        ordered_again_180d as ordered_again
    from first_orders

    union all

    select
        *,
        365 as horizon_days,
        later_net_revenue_365d as later_net_revenue,
        ordered_again_365d as ordered_again
    from first_orders
    where later_net_revenue_365d is not null

),

-- a customer's quarter rises with each fourth of the customers that spent less, so three values decide it
cuts as (

    select
        brand_id,
        horizon_days,
        {{ percentile_disc('net_revenue', 0.25) }} as revenue_of_one_quarter,
        {{ percentile_disc('net_revenue', 0.5) }} as revenue_of_two_quarters,
        {{ percentile_disc('net_revenue', 0.75) }} as revenue_of_three_quarters
    from horizons
    group by brand_id, horizon_days

),

described as (

    select
        horizons.brand_id,
        horizons.horizon_days,
        coalesce(horizons.sales_channel, 'unknown') as sales_channel,
        coalesce(horizons.acquisition_channel, 'unknown') as acquisition_channel,
        horizons.is_discounted,
        case
            when horizons.net_revenue > cuts.revenue_of_three_quarters then 4
            when horizons.net_revenue > cuts.revenue_of_two_quarters then 3
            when horizons.net_revenue > cuts.revenue_of_one_quarter then 2
            else 1
        end as first_order_value_quartile,
        1 + {{ dbt.datediff(
            period_start('week', 'horizons.first_order_date'), 'horizons.first_order_date', 'day'
        ) }} as first_order_weekday,
        1 + {{ dbt.datediff(
            period_start('year', 'horizons.first_order_date'), 'horizons.first_order_date', 'month'
        ) }} as first_order_month,
        horizons.is_referred,
        horizons.is_member,
        horizons.net_revenue,
        horizons.later_net_revenue,
        horizons.ordered_again,
        -- as a decimal, so that equal values have a variance of exactly 0, and the order of adding up does not matter
        cast(ln(1 + cast(horizons.later_net_revenue as {{ type_double() }})) as decimal(18, 9)) as log_of_later_revenue
    from horizons
    inner join cuts
        on horizons.brand_id = cuts.brand_id and horizons.horizon_days = cuts.horizon_days

),

-- customers who are alike in all properties add up before each of them is counted under eight
alike as (

    select
        brand_id,
        horizon_days,
        sales_channel,
        acquisition_channel,
        is_discounted,
        first_order_value_quartile,
        first_order_weekday,
        first_order_month,
        is_referred,
        is_member,
        count(*) as customers,
        sum(net_revenue) as net_revenue,
        sum(later_net_revenue) as later_net_revenue,
        count(case when ordered_again then 1 end) as repeat_customers,
        sum(log_of_later_revenue) as sum_of_logs,
        sum(log_of_later_revenue * log_of_later_revenue) as sum_of_squares
    from described
    group by
        brand_id,
        horizon_days,
        sales_channel,
        acquisition_channel,
        is_discounted,
        first_order_value_quartile,
        first_order_weekday,
        first_order_month,
        is_referred,
        is_member

),

unpivoted as (

    select
        alike.*,
        properties.property,
        case properties.property
            when 'sales_channel' then alike.sales_channel
            when 'acquisition_channel' then alike.acquisition_channel
            when 'is_discounted' then case when alike.is_discounted then 'true' else 'false' end
            when 'first_order_value_quartile' then cast(alike.first_order_value_quartile as {{ text }})
            when 'first_order_weekday' then cast(alike.first_order_weekday as {{ text }})
            when 'first_order_month' then cast(alike.first_order_month as {{ text }})
            when 'is_referred' then case when alike.is_referred then 'true' else 'false' end
            when 'is_member' then case when alike.is_member then 'true' else 'false' end
        end as property_value
    from alike
    cross join {{ values_table([
        "'sales_channel'",
        "'acquisition_channel'",
        "'is_discounted'",
        "'first_order_value_quartile'",
        "'first_order_weekday'",
        "'first_order_month'",
        "'is_referred'",
        "'is_member'"
    ], 'properties', 'property') }}

),

by_value as (

    select
        brand_id,
        horizon_days,
        property,
        property_value,
        sum(customers) as customers,
        sum(net_revenue) as net_revenue,
        sum(later_net_revenue) as later_net_revenue,
        sum(repeat_customers) as repeat_customers,
        sum(sum_of_logs) as sum_of_logs,
        sum(sum_of_squares) as sum_of_squares
    from unpivoted
    group by brand_id, horizon_days, property, property_value

)

select
    brand_id,
    cast(horizon_days as bigint) as horizon_days,
    property,
    case when customers < 50 then '(other)' else property_value end as property_value,
    cast(sum(customers) as bigint) as customers,
    cast(sum(net_revenue) as {{ type_decimal(38, 4) }}) as net_revenue,
    cast(sum(later_net_revenue) as {{ type_decimal(38, 4) }}) as later_net_revenue,
    cast(sum(repeat_customers) as bigint) as repeat_customers,
    cast(sum(sum_of_logs) as decimal(19, 9)) as sum_of_logs,
    cast(sum(sum_of_squares) as {{ type_decimal(38, 18) }}) as sum_of_squares
from by_value
group by
    brand_id,
    horizon_days,
    property,
    case when customers < 50 then '(other)' else property_value end
