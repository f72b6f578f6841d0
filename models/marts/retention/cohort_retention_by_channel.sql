{%- set cohort_to_date
    = 'partition by brand_id, channel, cohort_start order by period_index rows unbounded preceding' -%}

with activity as (

    select * from {{ ref('fct_channel_cohort_months') }}

),

cohorts as (

    select
        brand_id,
        channel,
        cohort_month as cohort_start,
        sum(first_orders) as cohort_size
    from activity
    group by brand_id, channel, cohort_month

),

-- crosses months and channels with months, never customers with them
cohort_months as (

    select
        cohorts.brand_id,
        cohorts.channel,
        cohorts.cohort_start,
        cohorts.cohort_size,
        months.period_start,
        months.is_complete_period,
        {{ dbt.datediff('cohorts.cohort_start', 'months.period_start', 'month') }} as period_index,
        {{ is_left_truncated('cohorts.cohort_start', 'brands.first_order_date', 'cohorts.brand_id') }}
            as is_left_truncated
    from cohorts
    inner join {{ ref('int_brands') }} as brands
        on cohorts.brand_id = brands.brand_id
    inner join {{ ref('int_order_months') }} as months
        on
            cohorts.brand_id = months.brand_id
            and cohorts.cohort_start <= months.period_start

),

filled as (

    select
        cohort_months.brand_id,
        cohort_months.channel,
        cohort_months.cohort_start,
        cohort_months.period_index,
        cohort_months.is_complete_period,
        cohort_months.is_left_truncated,
        cohort_months.cohort_size,
        coalesce(activity.purchasing_customers, 0) as purchasing_customers,
        coalesce(activity.orders, 0) as orders,
        coalesce(activity.net_revenue, 0) as net_revenue
    from cohort_months
    left join activity
        on
            cohort_months.brand_id = activity.brand_id
            and cohort_months.channel = activity.channel
            and cohort_months.cohort_start = activity.cohort_month
            and cohort_months.period_start = activity.order_month

),

accumulated as (

    select
        *,
        sum(net_revenue) over ({{ cohort_to_date }}) as cumulative_net_revenue
    from filled

)

select
    brand_id,
    channel,
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
    {{ ratio('cumulative_net_revenue * ' ~ brand_value('margin_rate'), 'cohort_size') }} as ltv_per_customer
from accumulated
