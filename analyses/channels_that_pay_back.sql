-- Question: Which channels pay back, and when?
-- Reading: a channel has paid back once the brand's margin is above the margin shown: on first orders only, on orders
-- within 180 days, on all to date. If the margin stays high, its customers do not come back. Months at least 180 days
-- old.
with channels as (

    select * from {{ ref('acquisition_channels') }}
    where {{ add_days('period_start', 211) }} <= (select as_of_date from {{ ref('as_of_date') }} as reporting_day)

),

customers as (

    select
        *,
        coalesce(acquisition_channel, 'unknown') as channel
    from {{ ref('customers') }}
    where
        {{ add_days(period_start('month', 'acquisition_date'), 211) }}
        <= (select as_of_date from {{ ref('as_of_date') }} as reporting_day)

),

orders as (

    select * from {{ ref('fct_orders') }}
    where is_purchase

),

spent as (

    select
        brand_id,
        channel,
        sum(acquisition_spend) as acquisition_spend,
        sum(acquired_customers) as acquired_customers,
        sum(net_revenue_to_date) as net_revenue_to_date
    from channels
    group by brand_id, channel
    having sum(acquisition_spend) > 0

),

earned as (

    select
        customers.brand_id,
        customers.channel,
        sum(case when orders.order_sequence = 1 then orders.net_revenue end) as net_revenue_first_orders,
        sum(
            case when orders.order_date <= {{ add_days('customers.acquisition_date', 180) }} then orders.net_revenue end
        ) as net_revenue_180d
    from customers
    inner join orders
        on
            customers.brand_id = orders.brand_id
            and customers.customer_id = orders.customer_id
    group by customers.brand_id, customers.channel

)

select
    spent.brand_id,
    spent.channel,
    spent.acquisition_spend,
    spent.acquired_customers,
    {{ ratio('spent.acquisition_spend', 'spent.acquired_customers') }} as cost_per_acquisition,
    {{ ratio('spent.net_revenue_to_date', 'spent.acquired_customers') }} as net_revenue_per_customer,
    {{ ratio('spent.acquisition_spend', 'earned.net_revenue_first_orders') }} as margin_on_first_orders,
    {{ ratio('spent.acquisition_spend', 'earned.net_revenue_180d') }} as margin_on_180_days,
    {{ ratio('spent.acquisition_spend', 'spent.net_revenue_to_date') }} as margin_to_date
from spent
left join earned
    on
        spent.brand_id = earned.brand_id
        and spent.channel = earned.channel
order by spent.brand_id, margin_to_date, spent.channel
