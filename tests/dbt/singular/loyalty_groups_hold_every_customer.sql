-- Identity: every customer is in one class and in one tier (or in none), so the customers of the classes, and
-- those of the tiers, add up to all of the brand.
-- Rows: brands and marts that hold more or fewer.
{%- set marts = ['loyalty_summary', 'loyalty_tiers'] %}
with brands as (

    select
        brand_id,
        count(*) as customers
    from {{ ref('customers') }}
    group by brand_id

),

differences as (

    {% for mart in marts -%}
    select
        brand_id,
        '{{ mart }}' as mart,
        cast(sum(customers) as bigint) as customers
    from {{ ref(mart) }}
    group by brand_id

    union all

    select
        brand_id,
        '{{ mart }}' as mart,
        -customers as customers
    from brands
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    brand_id,
    mart,
    sum(customers) as customers_too_many
from differences
group by brand_id, mart
having sum(customers) <> 0
