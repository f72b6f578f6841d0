-- what each channel cost in a month, and the customers it brought
with spend as (

    select
        brand_id,
        {{ period_start('month', 'spent_on') }} as period_start,
        channel,
        sum(amount) filter (where purpose = 'acquisition') as acquisition_spend,
        sum(amount) filter (where purpose = 'retention') as retention_spend,
        sum(impressions) filter (where purpose = 'acquisition') as impressions,
        sum(clicks) filter (where purpose = 'acquisition') as clicks
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
        greatest({{ period_start('month', 'orders.order_date') }}, customers.acquisition_month) as order_month,
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
        greatest({{ period_start('month', 'orders.order_date') }}, customers.acquisition_month)

),

revenue_to_date as (

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
    from revenue_to_date
    where revenue_to_date >= acquisition_spend
    group by brand_id, period_start, channel

),

events as (

    select
        brand_id,
        period_start,
        channel,
        acquisition_spend,
        retention_spend,
        impressions,
        clicks,
        0 as sign_ups,
        0 as acquired_customers,
        0 as net_revenue_to_date
    from spend

    union all

    select
        brand_id,
        {{ period_start('month', 'signed_up_on') }},
        channel,
        0,
        0,
        0,
        0,
        count(*),
        0,
        0
    from customers
    where signed_up_on is not null
    group by brand_id, {{ period_start('month', 'signed_up_on') }}, channel

    union all

    select
        brand_id,
        acquisition_month,
        channel,
        0,
        0,
        0,
        0,
        0,
        count(*),
        sum(lifetime_net_revenue)
    from customers
    where acquisition_date is not null
    group by brand_id, acquisition_month, channel

),

summed as (

    select
        brand_id,
        period_start,
        channel,
        cast(coalesce(sum(acquisition_spend), 0) as decimal(38, 4)) as acquisition_spend,
        cast(coalesce(sum(retention_spend), 0) as decimal(38, 4)) as retention_spend,
        cast(coalesce(sum(impressions), 0) as decimal(38, 0)) as impressions,
        cast(coalesce(sum(clicks), 0) as decimal(38, 0)) as clicks,
        cast(sum(sign_ups) as bigint) as sign_ups,
        cast(sum(acquired_customers) as bigint) as acquired_customers,
        cast(sum(net_revenue_to_date) as decimal(38, 4)) as net_revenue_to_date
    from events
    group by brand_id, period_start, channel

),

known as (

    select
        summed.brand_id,
        summed.period_start,
        summed.channel,
        case when spending_brands.brand_id is not null then summed.acquisition_spend end as acquisition_spend,
        case when spending_brands.brand_id is not null then summed.retention_spend end as retention_spend,
        summed.impressions,
        summed.clicks,
        summed.sign_ups,
        summed.acquired_customers,
        summed.net_revenue_to_date
    from summed
    left join spending_brands
        on summed.brand_id = spending_brands.brand_id

)

select
    known.brand_id,
    known.period_start,
    cast({{ dbt.last_day('known.period_start', 'month') }} as date)
    <= (select as_of_date from {{ ref('as_of_date') }}) as is_complete_period,
    known.channel,
    known.acquisition_spend,
    known.retention_spend,
    known.impressions,
    known.clicks,
    {{ ratio('known.clicks', 'known.impressions') }} as click_through_rate,
    known.sign_ups,
    known.acquired_customers,
    {{ ratio('known.acquired_customers', 'known.clicks') }} as click_to_customer_rate,
    {{ ratio('known.acquisition_spend', 'known.acquired_customers') }} as cost_per_acquisition,
    known.net_revenue_to_date,
    {{ ratio('known.net_revenue_to_date', 'known.acquisition_spend') }} as return_on_spend,
    cast({{ dbt.datediff('known.period_start', 'payback.paid_back_in', 'month') }} as bigint) as payback_months
from known
left join payback
    on
        known.brand_id = payback.brand_id
        and known.period_start = payback.period_start
        and known.channel = payback.channel
