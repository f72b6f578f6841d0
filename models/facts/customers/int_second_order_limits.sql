with second_orders as (

    select
        brand_id,
        cast(days_to_second_order as {{ type_double() }}) as days_to_second_order
    from {{ ref('fct_customer_orders') }}
    where days_to_second_order is not null

)

select
    brand_id,
    case
    {#- a percentile has to be a constant: one branch for each that brands have set #}
    {%- for group in brands_by_value('alerts.no_second_purchase.percentile') %}
        when brand_id in ({{ sql_text_list(group.brands) }})
            then {{ percentile_cont('days_to_second_order', group.value) }}
    {%- endfor %}
    end as days_to_second_order
from second_orders
group by brand_id
