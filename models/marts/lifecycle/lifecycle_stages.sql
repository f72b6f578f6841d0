with history as (

    select * from {{ ref('lifecycle_stage_history') }}

),

periods as (

    select periods.*
    from {{ ref('int_brand_periods') }} as periods
    inner join {{ ref('int_brands') }} as brands
        on
            periods.brand_id = brands.brand_id
            and periods.period_end >= brands.first_known_date

),

activity as (

    select * from {{ ref('fct_stage_activity') }}

),

stages as (

    select 'awareness' as stage
    union all
    select 'consideration' as stage
    union all
    select 'purchase' as stage
    union all
    select 'retention' as stage
    union all
    select 'advocacy' as stage
    union all
    select 'churned' as stage

),

-- customers who entered a stage on a day, less those who left it; days first, so that few rows are crossed with grains
daily_entries as (

    select
        brand_id,
        valid_from as calendar_date,
        stage,
        count(*) as customers
    from history
    group by brand_id, valid_from, stage

    union all

    select
        brand_id,
        valid_to as calendar_date,
        stage,
        -count(*) as customers
    from history
    where valid_to is not null
    group by brand_id, valid_to, stage

),

entries as (

    select
        daily_entries.*,
        grains.period_grain,
        {{ start_of_period('grains.period_grain', 'daily_entries.calendar_date') }} as period_start
    from daily_entries
    cross join {{ ref('int_period_grains') }} as grains

),

net_entries as (

    select
        brand_id,
        period_grain,
        period_start,
        stage,
        sum(customers) as customers
    from entries
    group by brand_id, period_grain, period_start, stage

),

filled as (

    select
        periods.brand_id,
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete_period,
        stages.stage,
        coalesce(net_entries.customers, 0) as net_entries,
        coalesce(activity.orders, 0) as orders,
        coalesce(activity.net_revenue, 0) as net_revenue,
        coalesce(activity.purchasing_customers, 0) as purchasing_customers,
        coalesce(activity.interactions, 0) as interactions,
        coalesce(activity.interacting_customers, 0) as interacting_customers
    from periods
    cross join stages
    left join net_entries
        on
            periods.brand_id = net_entries.brand_id
            and periods.period_grain = net_entries.period_grain
            and periods.period_start = net_entries.period_start
            and stages.stage = net_entries.stage
    left join activity
        on
            periods.brand_id = activity.brand_id
            and periods.period_grain = activity.period_grain
            and periods.period_start = activity.period_start
            and stages.stage = activity.stage

),

accumulated as (

    select
        *,
        sum(net_entries) over (
            partition by brand_id, period_grain, stage order by period_start rows unbounded preceding
        ) as customers
    from filled

),

shared as (

    select
        *,
        sum(customers) over (partition by brand_id, period_grain, period_start) as known_customers
    from accumulated

)

select
    brand_id,
    period_grain,
    period_start,
    period_end,
    is_complete_period,
    stage,
    cast(customers as bigint) as customers,
    {{ ratio('customers', 'known_customers') }} as share_of_customers,
    cast(orders as bigint) as orders,
    cast(net_revenue as {{ type_decimal(38, 4) }}) as net_revenue,
    {{ ratio('net_revenue', 'orders') }} as average_order_value,
    cast(purchasing_customers as bigint) as purchasing_customers,
    {{ ratio('orders', 'purchasing_customers') }} as purchase_frequency,
    cast(interactions as bigint) as interactions,
    {{ ratio('interactions', 'interacting_customers') }} as interactions_per_customer
from shared
