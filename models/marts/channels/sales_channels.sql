with channel_months as (

    select * from {{ ref('fct_channel_months') }}

),

channels as (

    select distinct
        brand_id,
        channel
    from channel_months

),

months as (

    select * from {{ ref('int_order_months') }}

)

-- every channel has every month of its brand
select
    months.brand_id,
    months.period_start,
    months.is_complete_period,
    channels.channel,
    coalesce(channel_months.orders, 0) as orders,
    coalesce(channel_months.purchasing_customers, 0) as purchasing_customers,
    cast(coalesce(channel_months.net_revenue, 0) as {{ type_decimal(38, 4) }}) as net_revenue,
    {{ ratio(
        'coalesce(channel_months.net_revenue, 0)',
        'sum(channel_months.net_revenue) over (partition by months.brand_id, months.period_start)'
    ) }} as revenue_share,
    {{ ratio('channel_months.net_revenue', 'channel_months.orders') }} as average_order_value,
    coalesce(channel_months.first_orders, 0) as first_orders
from months
inner join channels
    on months.brand_id = channels.brand_id
left join channel_months
    on
        months.brand_id = channel_months.brand_id
        and months.period_start = channel_months.order_month
        and channels.channel = channel_months.channel
