-- Identity: the customers of a kind, and their net revenue of 365 days, equal those of the customers with its flag; no
-- inactive customer has a flag. The active group of active_vs_inactive equals the customers with is_active.
-- Rows: brands and kinds that say otherwise.
{%- set kinds = [
    'recent_purchaser', 'loyal_customer', 'support_customer', 'product_subscriber', 'service_subscriber', 'contact',
] %}
with differences as (

    select
        brand_id,
        kind,
        customers,
        net_revenue_365d
    from {{ ref('active_kinds') }}

    union all

    select
        brand_id,
        'active' as kind,
        customers,
        net_revenue_365d
    from {{ ref('active_vs_inactive') }}
    where segment = 'active'

    {%- for kind in kinds %}

    union all

    select
        brand_id,
        '{{ kind }}' as kind,
        -count(*) as customers,
        -sum(net_revenue_365d) as net_revenue_365d
    from {{ ref('customers') }}
    where is_{{ kind }}
    group by brand_id
    {%- endfor %}

    union all

    select
        brand_id,
        'active' as kind,
        -count(*) as customers,
        -sum(net_revenue_365d) as net_revenue_365d
    from {{ ref('customers') }}
    where is_active
    group by brand_id

)

select
    brand_id,
    kind,
    sum(customers) as customers_too_many,
    sum(net_revenue_365d) as net_revenue_too_much
from differences
group by brand_id, kind
having sum(customers) <> 0 or sum(net_revenue_365d) <> 0

union all

select
    brand_id,
    'not active, but {{ kinds | join(' or ') }}' as kind,
    count(*) as customers_too_many,
    null as net_revenue_too_much
from {{ ref('customers') }}
where not is_active and (is_{{ kinds | join(' or is_') }})
group by brand_id
