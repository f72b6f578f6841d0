-- Identity: an order makes its customer known, so every order has a stage: the orders and the net revenue of a period,
-- summed over the stages, equal those of brand_metrics. Customers in the base are in a stage other than awareness and
-- churned, so those stages hold at least as many customers as the base.
-- Rows: periods that violate this.
with differences as (

    select
        brand_id,
        period_grain,
        period_start,
        orders,
        net_revenue,
        case when stage not in ('awareness', 'churned') then customers else 0 end as customers
    from {{ ref('lifecycle_stages') }}

    union all

    select
        brand_id,
        period_grain,
        period_start,
        -orders as orders,
        -net_revenue as net_revenue,
        -customers_at_end as customers
    from {{ ref('brand_metrics') }}

)

select
    brand_id,
    period_grain,
    period_start,
    sum(orders) as orders_too_many,
    sum(net_revenue) as net_revenue_too_much,
    sum(customers) as customers_beside_the_base
from differences
group by brand_id, period_grain, period_start
having sum(orders) <> 0 or sum(net_revenue) <> 0 or sum(customers) < 0
