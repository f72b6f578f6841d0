{%- set as_of_date = '(select as_of_date from ' ~ ref('as_of_date') ~ ' as reporting_day)' -%}

with purchases as (

    select
        *,
        {{ dbt.datediff('order_date', as_of_date, 'day') }} as days_ago,
        {{ dbt.datediff('order_date', 'last_order_date', 'day') }} as days_before_last_order,
        {{ dbt.datediff('previous_order_date', 'order_date', 'day') }} as days_since_previous_order
    from {{ ref('fct_orders') }}
    where is_purchase

)

select
    brand_id,
    customer_id,
    min(order_date) as first_order_date,
    max(order_date) as last_order_date,
    count(*) as lifetime_orders,
    cast(sum(net_revenue) as {{ type_decimal(38, 4) }}) as lifetime_net_revenue,
    count(case when days_ago < 30 then 1 end) as orders_30d,
    count(case when days_ago < 90 then 1 end) as orders_90d,
    count(case when days_ago < 365 then 1 end) as orders_365d,
    cast(coalesce(sum(case when days_ago < 365 then net_revenue end), 0) as {{ type_decimal(38, 4) }})
        as net_revenue_365d,
    -- the same at the customer's last order date: what silence since then has not yet taken away
    count(case when days_before_last_order < 30 then 1 end) as orders_30d_at_last_order,
    count(case when days_before_last_order < 90 then 1 end) as orders_90d_at_last_order,
    count(case when days_before_last_order < 365 then 1 end) as orders_365d_at_last_order,
    cast(sum(case when days_before_last_order < 365 then net_revenue end) as {{ type_decimal(38, 4) }})
        as net_revenue_365d_at_last_order,
    count(case when is_discounted then 1 end) as discounted_orders,
    max(order_date_number) as distinct_order_days,
    max(case when order_sequence = 2 then days_since_previous_order end) as days_to_second_order,
    {{ percentile_cont(
        'case when days_since_previous_order > 0 then cast(days_since_previous_order as ' ~ type_double() ~ ') end', 0.5
    ) }} as median_days_between_orders
from purchases
group by brand_id, customer_id
