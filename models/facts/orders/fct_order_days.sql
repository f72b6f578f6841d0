{#- the loops: the same three counts for each grain, in one scan of the orders -#}
{%- set grains = period_grains() -%}

with purchases as (

    select
        *,
        {{ period_start('month', 'first_order_date') }} as cohort_month
        {%- for grain in grains %},
        {{ period_start(grain, 'order_date') }} as {{ grain }}_start
        {%- endfor %}
    from {{ ref('fct_orders') }}
    where is_purchase

),

-- an order's position among its customer's orders in a period turns distinct customers into plain row counts
placed as (

    select
        *
        {%- for grain in grains %},
        order_sequence = 1 or previous_order_date < {{ grain }}_start as is_first_in_{{ grain }},
        (
            previous_order_date >= {{ grain }}_start
            and (order_sequence = 2 or second_previous_order_date < {{ grain }}_start)
        ) as is_second_in_{{ grain }},
        (
            order_sequence = 2
            or (order_sequence > 2 and previous_order_date < {{ grain }}_start)
        ) as is_first_return_in_{{ grain }}
        {%- endfor %}
    from purchases

)

select
    brand_id,
    cohort_month,
    order_date,
    count(*) as orders,
    cast(sum(gross_amount) as {{ type_decimal(38, 4) }}) as gross_amount,
    cast(sum(discount_amount) as {{ type_decimal(38, 4) }}) as discount_amount,
    cast(sum(refund_amount) as {{ type_decimal(38, 4) }}) as refund_amount,
    cast(sum(net_revenue) as {{ type_decimal(38, 4) }}) as net_revenue,
    count(case when is_discounted then 1 end) as discounted_orders,
    count(case when has_coupon then 1 end) as coupon_orders,
    count(case when order_sequence = 1 then 1 end) as first_orders,
    cast(coalesce(sum(case when order_sequence = 1 then net_revenue end), 0) as {{ type_decimal(38, 4) }})
        as first_order_net_revenue,
    count(case when order_sequence = 2 then 1 end) as second_orders
    {%- for grain in grains %},
    count(case when is_first_in_{{ grain }} then 1 end) as {{ grain }}_purchasers,
    count(case when is_second_in_{{ grain }} then 1 end) as {{ grain }}_repeat_purchasers,
    count(case when is_first_return_in_{{ grain }} then 1 end) as {{ grain }}_returning_purchasers
    {%- endfor %}
from placed
group by brand_id, cohort_month, order_date
