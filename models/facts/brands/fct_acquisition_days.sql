-- whom each channel won on a day, and what these customers bought in the 365 days that begin with it
with acquired as (

    select
        status.brand_id,
        status.customer_id,
        status.acquisition_date,
        coalesce(customers.acquisition_channel, 'unknown') as channel
    from {{ ref('fct_customer_status') }} as status
    left join {{ ref('stg_customers') }} as customers
        on
            status.brand_id = customers.brand_id
            and status.customer_id = customers.customer_id
    where status.acquisition_date is not null

),

revenue as (

    select
        acquired.brand_id,
        acquired.acquisition_date,
        acquired.channel,
        sum(orders.net_revenue) as net_revenue_365d
    from acquired
    inner join {{ ref('fct_orders') }} as orders
        on
            acquired.brand_id = orders.brand_id
            and acquired.customer_id = orders.customer_id
            and acquired.acquisition_date <= orders.order_date
            and {{ add_days('acquired.acquisition_date', 365) }} > orders.order_date
    where orders.is_purchase
    group by acquired.brand_id, acquired.acquisition_date, acquired.channel

),

counted as (

    select
        brand_id,
        acquisition_date,
        channel,
        count(*) as acquired_customers
    from acquired
    group by brand_id, acquisition_date, channel

)

select
    counted.brand_id,
    counted.acquisition_date,
    counted.channel,
    counted.acquired_customers,
    cast(coalesce(revenue.net_revenue_365d, 0) as {{ type_decimal(38, 4) }}) as net_revenue_365d
from counted
left join revenue
    on
        counted.brand_id = revenue.brand_id
        and counted.acquisition_date = revenue.acquisition_date
        and counted.channel = revenue.channel
