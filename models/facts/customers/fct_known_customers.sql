-- what each table says about a customer: first seen, first consideration, commitments (orders and subscription starts)
-- and renewals
with sightings as (

    select
        brand_id,
        customer_id,
        signed_up_on as seen_on,
        signed_up_on as considered_on,
        cast(null as date) as first_commitment_date,
        cast(null as date) as second_commitment_date,
        cast(null as date) as renewed_on
    from {{ ref('stg_customers') }}
    where signed_up_on is not null

    union all

    select
        brand_id,
        customer_id,
        first_interaction_date as seen_on,
        first_consideration_date as considered_on,
        cast(null as date) as first_commitment_date,
        cast(null as date) as second_commitment_date,
        cast(null as date) as renewed_on
    from {{ ref('fct_customer_interactions') }}

    union all

    select
        brand_id,
        customer_id,
        first_order_date as seen_on,
        cast(null as date) as considered_on,
        first_order_date as first_commitment_date,
        {{ add_days('first_order_date', 'days_to_second_order') }} as second_commitment_date,
        cast(null as date) as renewed_on
    from {{ ref('fct_customer_orders') }}

    union all

    select
        brand_id,
        customer_id,
        first_started_on as seen_on,
        cast(null as date) as considered_on,
        first_started_on as first_commitment_date,
        second_started_on as second_commitment_date,
        renewed_on
    from {{ ref('fct_customer_subscriptions') }}

)

select
    brand_id,
    customer_id,
    min(seen_on) as known_since,
    min(considered_on) as considered_on,
    min(first_commitment_date) as committed_on,
    -- the second commitment is the second of one kind or, with both kinds, the later of the two firsts
    {{ least(
        'min(second_commitment_date)',
        'case when count(first_commitment_date) = 2 then max(first_commitment_date) end',
        'min(renewed_on)'
    ) }} as retained_on
from sightings
group by brand_id, customer_id
