{{ config(materialized='view') }}

{#- months have one reader, and writing them takes longer than grouping them -#}

{%- set running_month = period_start('month', 'as_of_date') -%}

with running as (

    select
        as_of_date,
        {{ running_month }} as month_start,
        {{ period_start('month', add_days(running_month, -1)) }} as previous_month_start,
        as_of_date < {{ period_end('month', 'as_of_date') }} as is_month_running
    from {{ ref('as_of_date') }} as reporting_day

),

-- a running month is compared with as many first days of the month before, and at most with all of it
compared as (

    select
        month_start,
        case
            when is_month_running
                then {{ add_days('previous_month_start', dbt.datediff('month_start', 'as_of_date', 'day')) }}
        end as last_compared_day_of_previous_month
    from running

),

purchases as (

    select
        orders.brand_id,
        orders.customer_id,
        orders.order_date,
        orders.first_order_date,
        orders.net_revenue,
        coalesce(
            orders.order_date <= compared.last_compared_day_of_previous_month
            or orders.order_date >= compared.month_start,
            true
        ) as counts_for_next_month
    from {{ ref('fct_orders') }} as orders
    cross join compared
    where orders.is_purchase

)

select
    brand_id,
    customer_id,
    'month' as period_grain,
    {{ period_start('month', 'order_date') }} as period_start,
    min(first_order_date) as first_order_date,
    cast(sum(net_revenue) as {{ type_decimal(38, 4) }}) as net_revenue,
    cast(sum(case when counts_for_next_month then net_revenue end) as {{ type_decimal(38, 4) }})
        as net_revenue_to_compare
from purchases
group by brand_id, customer_id, {{ period_start('month', 'order_date') }}

union all

select
    brand_id,
    customer_id,
    period_grain,
    period_start,
    first_order_date,
    net_revenue,
    net_revenue_to_compare
from {{ ref('fct_customer_years') }}
