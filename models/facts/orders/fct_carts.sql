{%- set recovery_days = 7 -%}

with carts as (

    select * from {{ ref('stg_interactions') }}
    where interaction_group = 'cart'

),

-- an order recovers the customer's latest cart before it; within a day, the time decides if both have one
recoveries as (

    select
        carts.brand_id,
        carts.interaction_id,
        orders.net_revenue,
        row_number() over (
            partition by orders.brand_id, orders.order_id
            order by carts.interaction_date desc, carts.occurred_at desc, {{ byte_order('carts.interaction_id') }} desc
        ) as cart_rank
    from {{ ref('fct_orders') }} as orders
    inner join carts
        on
            orders.brand_id = carts.brand_id
            and orders.customer_id = carts.customer_id
            and orders.order_date >= carts.interaction_date
            and orders.order_date <= {{ add_days('carts.interaction_date', recovery_days) }}
            and (
                not carts.has_time_of_day
                or not orders.has_time_of_day
                or orders.ordered_at >= carts.occurred_at
            )
    where orders.is_purchase

),

recovered as (

    select
        brand_id,
        interaction_id,
        count(*) as recovering_orders,
        sum(net_revenue) as net_revenue
    from recoveries
    where cart_rank = 1
    group by brand_id, interaction_id

)

select
    carts.brand_id,
    carts.interaction_id,
    carts.customer_id,
    carts.interaction_date as abandoned_on,
    carts.amount,
    coalesce(recovered.recovering_orders, 0) as recovering_orders,
    cast(coalesce(recovered.net_revenue, 0) as {{ type_decimal(38, 4) }}) as recovered_net_revenue
from carts
left join recovered
    on
        carts.brand_id = recovered.brand_id
        and carts.interaction_id = recovered.interaction_id
