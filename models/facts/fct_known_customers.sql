with sightings as (

    select
        brand_id,
        customer_id,
        signed_up_on as seen_on
    from {{ ref('stg_customers') }}
    where signed_up_on is not null

    union all

    select
        brand_id,
        customer_id,
        first_interaction_date
    from {{ ref('fct_customer_interactions') }}

    union all

    select
        brand_id,
        customer_id,
        first_order_date
    from {{ ref('fct_customer_orders') }}

    union all

    select
        brand_id,
        customer_id,
        first_started_on
    from {{ ref('fct_customer_subscriptions') }}

)

select
    brand_id,
    customer_id,
    min(seen_on) as known_since
from sightings
group by brand_id, customer_id
