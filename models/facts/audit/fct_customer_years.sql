{%- set running_year = period_start('year', 'as_of_date') -%}

with running as (

    select
        as_of_date,
        {{ running_year }} as year_start,
        {{ period_start('year', add_days(running_year, -1)) }} as previous_year_start,
        as_of_date < {{ period_end('year', 'as_of_date') }} as is_year_running
    from {{ ref('as_of_date') }} as reporting_day

),

-- a running year is compared with as many first days of the year before
compared as (

    select
        as_of_date,
        year_start,
        case
            when is_year_running
                then {{ add_days('previous_year_start', dbt.datediff('year_start', 'as_of_date', 'day')) }}
        end as last_compared_day_of_previous_year
    from running

),

purchases as (

    select
        orders.brand_id,
        orders.customer_id,
        orders.order_date,
        orders.first_order_date,
        orders.net_revenue,
        case
            when orders.order_date > {{ add_days('compared.as_of_date', -365) }}
                then {{ add_days('compared.as_of_date', -364) }}
            when orders.order_date > {{ add_days('compared.as_of_date', -730) }}
                then {{ add_days('compared.as_of_date', -729) }}
        end as trailing_year_start,
        coalesce(
            orders.order_date <= compared.last_compared_day_of_previous_year
            or orders.order_date >= compared.year_start,
            true
        ) as counts_for_next_year
    from {{ ref('fct_orders') }} as orders
    cross join compared
    where orders.is_purchase

)

select
    brand_id,
    customer_id,
    'year' as period_grain,
    {{ period_start('year', 'order_date') }} as period_start,
    min(first_order_date) as first_order_date,
    max(order_date) as last_order_date_of_period,
    count(*) as orders,
    cast(sum(net_revenue) as {{ type_decimal(38, 4) }}) as net_revenue,
    cast(sum(case when counts_for_next_year then net_revenue end) as {{ type_decimal(38, 4) }})
        as net_revenue_to_compare
from purchases
group by brand_id, customer_id, {{ period_start('year', 'order_date') }}

union all

-- the 365 days to as_of_date, and the 365 before
select
    brand_id,
    customer_id,
    'trailing_year' as period_grain,
    trailing_year_start as period_start,
    min(first_order_date) as first_order_date,
    max(order_date) as last_order_date_of_period,
    count(*) as orders,
    cast(sum(net_revenue) as {{ type_decimal(38, 4) }}) as net_revenue,
    cast(sum(net_revenue) as {{ type_decimal(38, 4) }}) as net_revenue_to_compare
from purchases
where trailing_year_start is not null
group by brand_id, customer_id, trailing_year_start
