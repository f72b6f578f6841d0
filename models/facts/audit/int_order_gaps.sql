{%- set as_of_date = '(select as_of_date from ' ~ ref('as_of_date') ~ ' as reporting_day)' -%}

with order_dates as (

    select
        orders.brand_id,
        orders.order_date,
        orders.order_date_number,
        orders.last_order_date,
        {{ dbt.datediff('orders.previous_order_date', 'orders.order_date', 'day') }} as days_since_previous,
        not {{ is_left_truncated('orders.first_order_date', 'brands.first_order_date', 'orders.brand_id') }}
            as is_known_from_the_start
    from {{ ref('fct_orders') }} as orders
    inner join {{ ref('int_brands') }} as brands
        on orders.brand_id = brands.brand_id
    where
        orders.is_purchase
        and (orders.order_sequence = 1 or orders.previous_order_date < orders.order_date)

),

-- a gap ends with the next order date; the last gap of each customer is still open at the close of the day
gaps as (

    select
        brand_id,
        is_known_from_the_start,
        order_date_number - 1 as from_order_date_number,
        days_since_previous as days,
        1 as events,
        0 as censored
    from order_dates
    where order_date_number > 1

    union all

    select
        brand_id,
        is_known_from_the_start,
        order_date_number as from_order_date_number,
        {{ dbt.datediff('order_date', as_of_date, 'day') }} as days,
        0 as events,
        1 as censored
    from order_dates
    where order_date = last_order_date

),

-- few rows from here on
counted as (

    select
        brand_id,
        is_known_from_the_start,
        {{ least('from_order_date_number', '10') }} as from_order_date_number,
        days,
        sum(events) as events,
        sum(censored) as censored
    from gaps
    group by brand_id, is_known_from_the_start, {{ least('from_order_date_number', '10') }}, days

),

rungs as (

    select
        brand_id,
        case
            when from_order_date_number <= 2 then cast(from_order_date_number as {{ dbt.type_string() }})
            when from_order_date_number <= 4 then '3-4'
            when from_order_date_number <= 9 then '5-9'
            else '10+'
        end as from_order,
        days,
        events,
        censored
    from counted
    where is_known_from_the_start

    union all

    select
        brand_id,
        'all' as from_order,
        days,
        events,
        censored
    from counted

)

select
    brand_id,
    from_order,
    cast(days as bigint) as day,
    cast(sum(events) as bigint) as events,
    cast(sum(censored) as bigint) as censored
from rungs
group by brand_id, from_order, days
