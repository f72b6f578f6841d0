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

    select 'recent_purchaser' as kind
    union all
    select 'loyal_customer' as kind
    union all
    select 'support_customer' as kind
    union all
    select 'product_subscriber' as kind
    union all
    select 'service_subscriber' as kind
    union all
    select 'contact' as kind

),

members as (

    select
        brand_id,
        'recent_purchaser' as kind,
        count(*) as customers,
        sum(net_revenue_365d) as net_revenue_365d
    from active_customers
    where is_recent_purchaser
    group by brand_id

    union all

    select
        brand_id,
        'loyal_customer' as kind,
        count(*) as customers,
        sum(net_revenue_365d) as net_revenue_365d
    from active_customers
    where is_loyal_customer
    group by brand_id

    union all

    select
        brand_id,
        'support_customer' as kind,
        count(*) as customers,
        sum(net_revenue_365d) as net_revenue_365d
    from active_customers
    where is_support_customer
    group by brand_id

    union all

    select
        brand_id,
        'product_subscriber' as kind,
        count(*) as customers,
        sum(net_revenue_365d) as net_revenue_365d
    from active_customers
    where is_product_subscriber
    group by brand_id

    union all

    select
        brand_id,
        'service_subscriber' as kind,
        count(*) as customers,
        sum(net_revenue_365d) as net_revenue_365d
    from active_customers
    where is_service_subscriber
    group by brand_id

    union all

    select
        brand_id,
        'contact' as kind,
        count(*) as customers,
        sum(net_revenue_365d) as net_revenue_365d
    from active_customers
    where is_contact
    group by brand_id

)

select
    brands.brand_id,
    kinds.kind,
    coalesce(members.customers, 0) as customers,
    {{ ratio('coalesce(members.customers, 0)', 'brands.active_customers') }} as share_of_active_customers,
    cast(coalesce(members.net_revenue_365d, 0) as {{ type_decimal(38, 4) }}) as net_revenue_365d
from brands
cross join kinds
left join members
    on brands.brand_id = members.brand_id and kinds.kind = members.kind
