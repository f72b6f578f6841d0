-- what the customers whom a channel won on a day bought in the 365 days that begin with it
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

)

select
    acquired.brand_id,
    acquired.acquisition_date,
    acquired.channel,
    cast(sum(orders.net_revenue) as {{ type_decimal(38, 4) }}) as net_revenue_365d
from acquired
inner join {{ ref('fct_orders') }} as orders
    on
        acquired.brand_id = orders.brand_id
        and acquired.customer_id = orders.customer_id
        and acquired.acquisition_date <= orders.order_date
        and {{ add_days('acquired.acquisition_date', 365) }} > orders.order_date
where orders.is_purchase
group by acquired.brand_id, acquired.acquisition_date, acquired.channel
