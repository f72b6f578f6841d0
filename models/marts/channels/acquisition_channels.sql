-- what each channel cost in a month, and the customers it brought
with spend as (

    select
        brand_id,
        {{ period_start('month', 'spent_on') }} as period_start,
        channel,
        sum(case when purpose = 'acquisition' then amount end) as acquisition_spend,
        sum(case when purpose = 'retention' then amount end) as retention_spend,
        sum(case when purpose = 'acquisition' then impressions end) as impressions,
        sum(case when purpose = 'acquisition' then clicks end) as clicks
    from {{ ref('stg_marketing_spend') }}
    group by brand_id, {{ period_start('month', 'spent_on') }}, channel

),

-- without any row of spend, the spend is unknown
spending_brands as (

    select distinct brand_id from spend

),

customers as (

    select
        brand_id,
        customer_id,
        coalesce(acquisition_channel, 'unknown') as channel,
        signed_up_on,
        acquisition_date,
        {{ period_start('month', 'acquisition_date') }} as acquisition_month,
        lifetime_net_revenue
    from {{ ref('customers') }}

),

-- customers are joined with their orders only where there is spend to pay back
monthly_revenue as (

    select
        customers.brand_id,
        customers.acquisition_month as period_start,
        customers.channel,
        spend.acquisition_spend,
        {{ greatest(period_start('month', 'orders.order_date'), 'customers.acquisition_month') }} as order_month,
        sum(orders.net_revenue) as net_revenue
    from customers
    inner join spend
        on
            customers.brand_id = spend.brand_id
            and customers.acquisition_month = spend.period_start
            and customers.channel = spend.channel
            and spend.acquisition_spend > 0
    inner join {{ ref('fct_orders') }} as orders
        on
            customers.brand_id = orders.brand_id
            and customers.customer_id = orders.customer_id
    where orders.is_purchase
    group by
        customers.brand_id,
        customers.acquisition_month,
        customers.channel,
        spend.acquisition_spend,
        {{ greatest(period_start('month', 'orders.order_date'), 'customers.acquisition_month') }}

),

running_revenue as (

    select
        *,
        sum(net_revenue) over (
            partition by brand_id, period_start, channel order by order_month rows unbounded preceding
        ) as revenue_to_date
    from monthly_revenue

),

payback as (

    select
        brand_id,
        period_start,
        channel,
        min(order_month) as paid_back_in
    from running_revenue
    where {{ brand_value('margin_rate') }} * revenue_to_date >= acquisition_spend
    group by brand_id, period_start, channel

),

sign_ups as (

    select
        brand_id,
        {{ period_start('month', 'signed_up_on') }} as period_start,
        channel,
        count(*) as sign_ups
    from customers
    where signed_up_on is not null
    group by brand_id, {{ period_start('month', 'signed_up_on') }}, channel

),

acquired as (

    select
        brand_id,
        acquisition_month as period_start,
        channel,
        count(*) as acquired_customers,
        sum(lifetime_net_revenue) as net_revenue_to_date
    from customers
    where acquisition_date is not null
    group by brand_id, acquisition_month, channel

),

channel_months as (

    select
        brand_id,
        period_start,
        channel
    from spend

    {{ union_distinct() }}

    select
        brand_id,
        period_start,
        channel
    from sign_ups

    {{ union_distinct() }}

    select
        brand_id,
        period_start,
        channel
    from acquired

),

last_days as (

    select distinct
        period_start,
        {{ period_end('month', 'period_start') }} as period_end,
        (select as_of_date from {{ ref('as_of_date') }} as reporting_day) as as_of_date
    from channel_months

),

first_years as (

    select
        brand_id,
        {{ period_start('month', 'acquisition_date') }} as period_start,
        channel,
        sum(net_revenue_365d) as net_revenue_365d
    from {{ ref('fct_acquisition_days') }}
    group by brand_id, {{ period_start('month', 'acquisition_date') }}, channel

),

measured as (

    select
        channel_months.brand_id,
        channel_months.period_start,
        channel_months.channel,
        case
            when spending_brands.brand_id is not null
                then cast(coalesce(spend.acquisition_spend, 0) as {{ type_decimal(38, 4) }})
        end as acquisition_spend,
        case
            when spending_brands.brand_id is not null
                then cast(coalesce(spend.retention_spend, 0) as {{ type_decimal(38, 4) }})
        end as retention_spend,
        cast(coalesce(spend.impressions, 0) as {{ type_decimal(38, 0) }}) as impressions,
        cast(coalesce(spend.clicks, 0) as {{ type_decimal(38, 0) }}) as clicks,
        coalesce(sign_ups.sign_ups, 0) as sign_ups,
        coalesce(acquired.acquired_customers, 0) as acquired_customers,
        cast(coalesce(acquired.net_revenue_to_date, 0) as {{ type_decimal(38, 4) }}) as net_revenue_to_date
    from channel_months
    left join spending_brands
        on channel_months.brand_id = spending_brands.brand_id
    left join spend
        on
            channel_months.brand_id = spend.brand_id
            and channel_months.period_start = spend.period_start
            and channel_months.channel = spend.channel
    left join sign_ups
        on
            channel_months.brand_id = sign_ups.brand_id
            and channel_months.period_start = sign_ups.period_start
            and channel_months.channel = sign_ups.channel
    left join acquired
        on
            channel_months.brand_id = acquired.brand_id
            and channel_months.period_start = acquired.period_start
            and channel_months.channel = acquired.channel

),

-- a customer's first year is told once everybody of the month has had it
valued as (

    select
        measured.*,
        last_days.period_end <= last_days.as_of_date as is_complete_period,
        {{ ratio('measured.acquisition_spend', 'measured.acquired_customers') }} as cost_per_acquisition,
        case
            when {{ add_days('last_days.period_end', 364) }} <= last_days.as_of_date
                then
                    {{ brand_value('margin_rate', 'measured.brand_id') }}
                    * {{ ratio('coalesce(first_years.net_revenue_365d, 0)', 'measured.acquired_customers') }}
        end as ltv_365d
    from measured
    left join first_years
        on
            measured.brand_id = first_years.brand_id
            and measured.period_start = first_years.period_start
            and measured.channel = first_years.channel
    inner join last_days
        on measured.period_start = last_days.period_start

)

select
    valued.brand_id,
    valued.period_start,
    valued.is_complete_period,
    {{ is_left_truncated('valued.period_start', 'brands.first_order_date', 'valued.brand_id') }} as is_left_truncated,
    valued.channel,
    valued.acquisition_spend,
    valued.retention_spend,
    valued.impressions,
    valued.clicks,
    {{ ratio('valued.clicks', 'valued.impressions') }} as click_through_rate,
    valued.sign_ups,
    valued.acquired_customers,
    {{ ratio('valued.acquired_customers', 'valued.clicks') }} as click_to_customer_rate,
    valued.cost_per_acquisition,
    valued.net_revenue_to_date,
    {{ ratio('valued.net_revenue_to_date', 'valued.acquisition_spend') }} as return_on_spend,
    cast({{ dbt.datediff('valued.period_start', 'payback.paid_back_in', 'month') }} as bigint) as payback_months,
    valued.ltv_365d,
    {{ ratio('valued.ltv_365d', 'valued.cost_per_acquisition') }} as ltv_365d_to_cac
from valued
inner join {{ ref('int_brands') }} as brands
    on valued.brand_id = brands.brand_id
left join payback
    on
        valued.brand_id = payback.brand_id
        and valued.period_start = payback.period_start
        and valued.channel = payback.channel
