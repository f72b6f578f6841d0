-- a cohort and a period may each be a quarter or a year
with activity as (

    select
        order_days.brand_id,
        cohort_grains.period_grain as cohort_grain,
        {{ start_of_period('cohort_grains.period_grain', 'order_days.cohort_month') }} as cohort_start,
        period_grains.period_grain,
        {{ start_of_period('period_grains.period_grain', 'order_days.order_date') }} as period_start,
        -- the first order of a customer's quarter or year stands for the customer
        sum(
            case period_grains.period_grain
                when 'quarter' then order_days.quarter_purchasers
                when 'year' then order_days.year_purchasers
            end
        ) as customers,
        sum(order_days.orders) as orders,
        sum(order_days.net_revenue) as net_revenue,
        sum(order_days.first_orders) as first_orders
    from {{ ref('fct_order_days') }} as order_days
    cross join {{ ref('int_period_grains') }} as cohort_grains
    cross join {{ ref('int_period_grains') }} as period_grains
    where
        cohort_grains.period_grain in ('quarter', 'year')
        and period_grains.period_grain in ('quarter', 'year')
    group by
        order_days.brand_id,
        cohort_grains.period_grain,
        {{ start_of_period('cohort_grains.period_grain', 'order_days.cohort_month') }},
        period_grains.period_grain,
        {{ start_of_period('period_grains.period_grain', 'order_days.order_date') }}

),

cohorts as (

    select
        brand_id,
        cohort_grain,
        cohort_start,
        period_grain,
        sum(first_orders) as cohort_size
    from activity
    group by brand_id, cohort_grain, cohort_start, period_grain

),

-- every period of a cohort, the empty ones included; the first cohort begins with the brand's first order
cells as (

    select
        cohorts.brand_id,
        cohorts.cohort_grain,
        cohorts.cohort_start,
        cohorts.period_grain,
        periods.period_start,
        periods.is_complete_period,
        cohorts.cohort_size,
        brands.first_order_date,
        cast(row_number() over (
            partition by cohorts.brand_id, cohorts.cohort_grain, cohorts.cohort_start, cohorts.period_grain
            order by periods.period_start
        ) as bigint) - 1 as period_index
    from cohorts
    inner join {{ ref('int_brands') }} as brands
        on cohorts.brand_id = brands.brand_id
    inner join {{ ref('int_brand_periods') }} as periods
        on
            cohorts.brand_id = periods.brand_id
            and cohorts.period_grain = periods.period_grain
            and {{ greatest('cohorts.cohort_start', 'brands.first_order_date') }} <= periods.period_end

),

filled as (

    select
        cells.*,
        coalesce(activity.customers, 0) as customers,
        coalesce(activity.orders, 0) as orders,
        coalesce(activity.net_revenue, 0) as net_revenue,
        sum(coalesce(activity.net_revenue, 0)) over (
            partition by cells.brand_id, cells.cohort_grain, cells.cohort_start, cells.period_grain
            order by cells.period_start rows between unbounded preceding and current row
        ) as cumulative_net_revenue
    from cells
    left join activity
        on
            cells.brand_id = activity.brand_id
            and cells.cohort_grain = activity.cohort_grain
            and cells.cohort_start = activity.cohort_start
            and cells.period_grain = activity.period_grain
            and cells.period_start = activity.period_start

),

valued as (

    select
        filled.*,
        {{ ratio(
            'filled.cumulative_net_revenue * ' ~ brand_value('margin_rate', 'filled.brand_id'), 'filled.cohort_size'
        ) }} as cumulative_contribution_per_customer,
        metrics.cost_per_acquisition,
        {{ is_left_truncated('filled.cohort_start', 'filled.first_order_date', 'filled.brand_id') }}
            as is_left_truncated
    from filled
    left join {{ ref('brand_metrics') }} as metrics
        on
            filled.brand_id = metrics.brand_id
            and filled.cohort_grain = metrics.period_grain
            and filled.cohort_start = metrics.period_start

)

select
    brand_id,
    cohort_grain,
    cohort_start,
    period_grain,
    period_start,
    is_complete_period,
    is_left_truncated,
    cast(cohort_size as bigint) as cohort_size,
    cast(customers as bigint) as customers,
    cast(orders as bigint) as orders,
    cast(net_revenue as {{ type_decimal(38, 4) }}) as net_revenue,
    {{ ratio(
        'net_revenue', 'sum(net_revenue) over (partition by brand_id, cohort_grain, period_grain, period_start)'
    ) }} as share_of_period,
    cast(cumulative_net_revenue as {{ type_decimal(38, 4) }}) as cumulative_net_revenue,
    cumulative_contribution_per_customer,
    cost_per_acquisition,
    -- net revenue adds up and never falls: once a period covers the cost, all later ones do
    min(
        case
            when
                not is_left_truncated
                and cost_per_acquisition > 0
                and cumulative_contribution_per_customer >= (1 - 1e-9) * cost_per_acquisition
                then period_index
        end
    ) over (
        partition by brand_id, cohort_grain, cohort_start, period_grain
        order by period_start rows between unbounded preceding and current row
    ) as payback_period_index
from valued
