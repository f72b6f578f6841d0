{{ config(post_hook="{{ gather_statistics(this) }}") }}

with customers as (

    select
        known_customers.brand_id,
        count(*) as customers,
        count(customer_orders.customer_id) as customers_with_orders,
        min(customer_orders.first_order_date) as first_order_date,
        min(customer_subscriptions.first_started_on) as first_subscription_date,
        min(customer_status.acquisition_date) as first_acquisition_date,
        min(known_customers.known_since) as first_known_date,
        cast(sum(
            {{ dbt.datediff('customer_orders.first_order_date', 'customer_orders.last_order_date', 'day') }}
        ) as bigint) as order_gap_days,
        cast(sum(customer_orders.distinct_order_days - 1) as bigint) as order_gaps
    from {{ ref('fct_known_customers') }} as known_customers
    left join {{ ref('fct_customer_orders') }} as customer_orders
        on
            known_customers.brand_id = customer_orders.brand_id
            and known_customers.customer_id = customer_orders.customer_id
    left join {{ ref('fct_customer_subscriptions') }} as customer_subscriptions
        on
            known_customers.brand_id = customer_subscriptions.brand_id
            and known_customers.customer_id = customer_subscriptions.customer_id
    left join {{ ref('fct_customer_status') }} as customer_status
        on
            known_customers.brand_id = customer_status.brand_id
            and known_customers.customer_id = customer_status.customer_id
    group by known_customers.brand_id

),

spend as (

    select
        brand_id,
        min(spent_on) as first_spend_date,
        cast(sum(amount) as {{ type_decimal(38, 4) }}) as marketing_spend
    from {{ ref('stg_marketing_spend') }}
    group by brand_id

)

-- includes brands that have spent money but won no customer yet
select
    coalesce(customers.brand_id, spend.brand_id) as brand_id,
    coalesce(customers.customers, 0) as customers,
    coalesce(customers.customers_with_orders, 0) as customers_with_orders,
    customers.first_known_date,
    customers.first_order_date,
    {{ least(
        'customers.first_order_date',
        'customers.first_subscription_date',
        'customers.first_acquisition_date',
        'spend.first_spend_date'
    ) }} as first_commercial_date,
    -- the days between order dates, over all customers, and how many such gaps there are
    coalesce(customers.order_gap_days, 0) as order_gap_days,
    coalesce(customers.order_gaps, 0) as order_gaps,
    -- null: the brand's spend is unknown; 0: it is known to be zero
    spend.marketing_spend
from customers
full outer join spend
    on customers.brand_id = spend.brand_id
