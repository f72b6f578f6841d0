{%- set kinds = [
    'recent_purchaser', 'loyal_customer', 'support_customer', 'product_subscriber', 'service_subscriber', 'contact',
] -%}

with active_customers as (

    select * from {{ ref('customers') }}
    where is_active

),

brands as (

    select
        int_brands.brand_id,
        count(active_customers.customer_id) as active_customers
    from {{ ref('int_brands') }} as int_brands
    left join active_customers
        on int_brands.brand_id = active_customers.brand_id
    where int_brands.customers > 0
    group by int_brands.brand_id

),

-- one customer may be of several kinds
kinds as (

    {% for kind in kinds -%}
    select
        brands.brand_id,
        '{{ kind }}' as kind,
        brands.active_customers,
        count(active_customers.customer_id) as customers,
        cast(coalesce(sum(active_customers.net_revenue_365d), 0) as decimal(38, 4)) as net_revenue_365d
    from brands
    left join active_customers
        on brands.brand_id = active_customers.brand_id and active_customers.is_{{ kind }}
    group by brands.brand_id, brands.active_customers
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    brand_id,
    kind,
    customers,
    {{ ratio('customers', 'active_customers') }} as share_of_active_customers,
    net_revenue_365d
from kinds
