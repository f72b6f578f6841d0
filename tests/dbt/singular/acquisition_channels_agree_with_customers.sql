-- Identity: a brand's sign-ups, acquired customers and their net revenue, summed over months and channels, equal those
-- of customers; spend equals that of staging.
-- Rows: brands for which they differ.
with differences as (

    select
        brand_id,
        sign_ups,
        acquired_customers,
        net_revenue_to_date,
        acquisition_spend + retention_spend as spend
    from {{ ref('acquisition_channels') }}

    union all

    select
        brand_id,
        -count(signed_up_on) as sign_ups,
        -count(acquisition_date) as acquired_customers,
        -coalesce(sum(case when acquisition_date is not null then lifetime_net_revenue end), 0) as net_revenue_to_date,
        0 as spend
    from {{ ref('customers') }}
    group by brand_id

    union all

    select
        brand_id,
        0 as sign_ups,
        0 as acquired_customers,
        0 as net_revenue_to_date,
        -sum(amount) as spend
    from {{ ref('stg_marketing_spend') }}
    group by brand_id

)

select
    brand_id,
    sum(sign_ups) as sign_ups_too_many,
    sum(acquired_customers) as acquired_customers_too_many,
    sum(net_revenue_to_date) as net_revenue_too_much,
    sum(spend) as spend_too_much
from differences
group by brand_id
having sum(sign_ups) <> 0 or sum(acquired_customers) <> 0 or sum(net_revenue_to_date) <> 0 or sum(spend) <> 0
