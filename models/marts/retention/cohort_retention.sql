{%- set cohort_to_date
    = 'partition by brand_id, cohort_grain, cohort_start order by period_index rows unbounded preceding' -%}

with brands as (

    select * from {{ ref('int_brands') }}

),

-- weeks are too many and too small for cohorts
order_days as (

    select
        order_days.*,
        grains.period_grain as cohort_grain,
        {{ start_of_period('grains.period_grain', 'order_days.cohort_month') }} as cohort_start,
        {{ start_of_period('grains.period_grain', 'order_days.order_date') }} as period_start,
        case grains.period_grain
            when 'month' then order_days.month_purchasers
            when 'quarter' then order_days.quarter_purchasers
            when 'year' then order_days.year_purchasers
        end as purchasers
    from {{ ref('fct_order_days') }} as order_days
    inner join {{ ref('int_period_grains') }} as grains
        on grains.period_grain <> 'week'

),

activity as (

    select
        brand_id,
        cohort_grain,
        cohort_start,
        period_start,
        sum(first_orders) as first_orders,
        sum(purchasers) as purchasing_customers,
        sum(orders) as orders,
        sum(net_revenue) as net_revenue,
        sum(second_orders) as second_orders
    from order_days
    group by brand_id, cohort_grain, cohort_start, period_start

),

cohorts as (

    select
        brand_id,
        cohort_grain,
        cohort_start,
        sum(first_orders) as cohort_size
    from activity
    group by brand_id, cohort_grain, cohort_start

),

-- crosses a few hundred cohorts with a few hundred periods, never customers with periods
cohort_periods as (

    select
        cohorts.brand_id,
        cohorts.cohort_grain,
        cohorts.cohort_start,
        cohorts.cohort_size,
        periods.period_start,
        row_number() over (
            partition by cohorts.brand_id, cohorts.cohort_grain, cohorts.cohort_start
            order by periods.period_start
        ) - 1 as period_index,
        periods.is_complete_period,
        {{ is_left_truncated('cohorts.cohort_start', 'brands.first_order_date', 'cohorts.brand_id') }}
            as is_left_truncated
    from cohorts
    inner join brands
        on cohorts.brand_id = brands.brand_id
    inner join {{ ref('int_brand_periods') }} as periods
        on
            cohorts.brand_id = periods.brand_id
            and cohorts.cohort_grain = periods.period_grain
            and cohorts.cohort_start <= periods.period_start

),

filled as (

    select
        cohort_periods.brand_id,
        cohort_periods.cohort_grain,
        cohort_periods.cohort_start,
        cohort_periods.period_index,
        cohort_periods.is_complete_period,
        cohort_periods.is_left_truncated,
        cohort_periods.cohort_size,
        coalesce(activity.purchasing_customers, 0) as purchasing_customers,
        coalesce(activity.orders, 0) as orders,
        coalesce(activity.net_revenue, 0) as net_revenue,
        coalesce(activity.second_orders, 0) as second_orders
    from cohort_periods
    left join activity
        on
            cohort_periods.brand_id = activity.brand_id
            and cohort_periods.cohort_grain = activity.cohort_grain
            and cohort_periods.cohort_start = activity.cohort_start
            and cohort_periods.period_start = activity.period_start

),

accumulated as (

    select
        *,
        sum(net_revenue) over ({{ cohort_to_date }}) as cumulative_net_revenue,
        sum(second_orders) over ({{ cohort_to_date }}) as repeat_customers_to_date
    from filled

)

select
    brand_id,
    cohort_grain,
    cohort_start,
    cast(period_index as bigint) as period_index,
    is_complete_period,
    is_left_truncated,
    cast(cohort_size as bigint) as cohort_size,
    cast(purchasing_customers as bigint) as purchasing_customers,
    {{ ratio('purchasing_customers', 'cohort_size') }} as retention_rate,
    cast(orders as bigint) as orders,
    cast(net_revenue as {{ type_decimal(38, 4) }}) as net_revenue,
    cast(cumulative_net_revenue as {{ type_decimal(38, 4) }}) as cumulative_net_revenue,
    {{ ratio('cumulative_net_revenue', 'cohort_size') }} as cumulative_revenue_per_customer,
    cast(repeat_customers_to_date as bigint) as repeat_customers_to_date,
    {{ ratio('repeat_customers_to_date', 'cohort_size') }} as repeat_rate_to_date
from accumulated
