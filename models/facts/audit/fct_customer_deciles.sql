{{ config(materialized='view') }}

select
    customers.brand_id,
    customers.customer_id,
    customers.period_grain,
    customers.period_start,
    ranks.period_end,
    ranks.is_only_compared,
    customers.first_order_date,
    customers.last_order_date_of_period,
    customers.orders,
    customers.net_revenue,
    ranks.decile
from {{ ref('fct_customer_years') }} as customers
inner join {{ ref('int_revenue_ranks') }} as ranks
    on
        customers.brand_id = ranks.brand_id
        and customers.period_grain = ranks.period_grain
        and customers.period_start = ranks.period_start
        and customers.net_revenue = ranks.net_revenue
