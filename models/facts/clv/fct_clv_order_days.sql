{#- the loops: the same columns for each of these days -#}
{#- what a customer had ordered by each day on which a back-test, its end, or its naive rule's window begins -#}
{%- set as_of_date = '(select as_of_date from ' ~ ref('as_of_date') ~ ')' -%}
{%- set is_new_date = '(order_sequence = 1 or previous_order_date < order_date)' -%}

with purchases as (

    select
        brand_id,
        customer_id,
        order_date,
        first_order_date,
        net_revenue,
        {{ is_new_date }} as is_new_date,
        {{ dbt.datediff('order_date', as_of_date, 'day') }} as days_ago
    from {{ ref('fct_orders') }}
    where is_purchase

)

select
    brand_id,
    customer_id,
    min(order_date) as first_order_date,
    cast(sum(net_revenue) filter (where order_date = first_order_date) as decimal(38, 4)) as first_date_net_revenue,
    max(order_date) as last_order_date_by_0d
    {%- for days in clv_cuts() %},
    max(order_date) filter (where days_ago >= {{ days }}) as last_order_date_by_{{ days }}d
    {%- endfor %}
    {%- for days in clv_boundaries() %},
    count(*) filter (where is_new_date and days_ago >= {{ days }}) as order_days_by_{{ days }}d,
    cast(coalesce(sum(net_revenue) filter (where days_ago >= {{ days }}), 0) as decimal(38, 4))
        as net_revenue_by_{{ days }}d
    {%- endfor %}
from purchases
group by brand_id, customer_id
