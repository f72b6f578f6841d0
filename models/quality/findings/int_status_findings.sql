{%- set shown = 10 -%}

with statuses as (

    select
        brand_id,
        status,
        count(*) as orders,
        count(case when is_purchase then 1 end) as purchases,
        {{ is_on_brand_list('valid_order_statuses', 'status') }} as is_valid
    from {{ ref('fct_orders') }}
    group by brand_id, status

),

brands as (

    select
        brand_id,
        sum(orders) as orders,
        sum(purchases) as purchases,
        coalesce(sum(case when is_valid then orders end), 0) as valid_orders
    from statuses
    group by brand_id

),

-- for a brand without a purchase, all its statuses; for any other, those that are not valid and hold over 5 % of its
-- orders
found as (

    select
        statuses.brand_id,
        statuses.status,
        statuses.orders,
        brands.valid_orders,
        brands.purchases = 0 as is_whole_brand
    from statuses
    inner join brands
        on statuses.brand_id = brands.brand_id
    where brands.purchases = 0 or (not statuses.is_valid and statuses.orders * 20 > brands.orders)

),

described as (

    select
        brand_id,
        is_whole_brand,
        valid_orders,
        count(*) as statuses,
        sum(orders) as orders,
        {{ dbt.listagg(
            sql_text("'") ~ ' || status || ' ~ sql_text("' (") ~ ' || cast(orders as ' ~ dbt.type_string() ~ ") || ')'",
            "', '",
            'order by orders desc, ' ~ byte_order('status'),
            shown
        ) }} as shown_statuses
    from found
    group by brand_id, is_whole_brand, valid_orders

),

settings as (

    select
        brand_id,
        value as valid_statuses
    from {{ ref('brand_settings') }}
    where setting = 'valid_order_statuses'

)

select
    described.brand_id,
    'orders' as source_table,
    case when described.is_whole_brand then 'no_order_counts' else 'status_does_not_count' end as finding,
    described.orders as row_count,
    described.shown_statuses
    || case
        when described.statuses > {{ shown }}
            then ' and ' || cast(described.statuses - {{ shown }} as {{ dbt.type_string() }}) || ' more'
        else ''
    end as example,
    case
        when not described.is_whole_brand
            then
                'These orders are not purchases. If they should be, add their status to valid_order_statuses (now '
                || settings.valid_statuses || ').'
        when described.valid_orders = 0
            then
                'No order counts as a purchase: the statuses that count are ' || settings.valid_statuses
                || '. List those of your orders in valid_order_statuses.'
        else
            'No order counts as a purchase. Orders with a status that counts (' || settings.valid_statuses || '): '
            || cast(described.valid_orders as {{ dbt.type_string() }})
            || ', none with a net revenue that does: see gross_amount, refund_amount and count_zero_value_orders.'
    end as hint
from described
inner join settings
    on described.brand_id = settings.brand_id
