{#- the loops: the same columns for each of these days -#}
{#- what a customer had ordered by each day on which a back-test, its end, or its naive rule's window begins -#}
{%- set as_of_date = '(select as_of_date from ' ~ ref('as_of_date') ~ ' as reporting_day)' -%}

with purchases as (

    select
        brand_id,
        customer_id,
        order_date,
        first_order_date,
        net_revenue,
        order_date_number,
        {{ dbt.datediff('order_date', as_of_date, 'day') }} as days_ago
    from {{ ref('fct_orders') }}
    where is_purchase

)

select
    brand_id,
    customer_id,
    min(order_date) as first_order_date,
    cast(sum(case when order_date = first_order_date then net_revenue end) as {{ type_decimal(38, 4) }})
        as first_date_net_revenue,
    max(order_date) as last_order_date_by_0d
    {%- for days in clv_cuts() %},
    max(case when days_ago >= {{ days }} then order_date end) as last_order_date_by_{{ days }}d
    {%- endfor %}
    {%- for days in clv_boundaries() %},
    coalesce(max(case when days_ago >= {{ days }} then order_date_number end), 0) as order_days_by_{{ days }}d,
    cast(coalesce(sum(case when days_ago >= {{ days }} then net_revenue end), 0) as {{ type_decimal(38, 4) }})
        as net_revenue_by_{{ days }}d
    {%- endfor %}
from purchases
group by brand_id, customer_id
