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
        active_customers.brand_id,
        kinds.kind,
        count(*) as customers,
        sum(active_customers.net_revenue_365d) as net_revenue_365d
    from active_customers
    cross join kinds
    where
        case kinds.kind
            when 'recent_purchaser' then active_customers.is_recent_purchaser
            when 'loyal_customer' then active_customers.is_loyal_customer
            when 'support_customer' then active_customers.is_support_customer
            when 'product_subscriber' then active_customers.is_product_subscriber
            when 'service_subscriber' then active_customers.is_service_subscriber
            when 'contact' then active_customers.is_contact
        end
    group by active_customers.brand_id, kinds.kind

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
