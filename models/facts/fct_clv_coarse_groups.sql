{#- recency and age to a fiftieth of the oldest customer's age: few groups however many customers there are -#}
{%- set parts = 50 -%}

with groups as (

    select
        *,
        cast(greatest(1, floor(
            cast(max(observed_days) over (partition by brand_id, cut) as {{ type_double() }}) / {{ parts }}e0
        )) as {{ type_double() }}) as width
    from {{ ref('fct_clv_groups') }}

),

-- each is moved to the middle of its part, where one of a single day stays as it is
moved as (

    select
        brand_id,
        cut,
        x,
        customers,
        width * floor(observed_days / width) + (width - 1e0) / 2e0 as observed_days,
        case when x > 0 then width * floor(t_x / width) + (width - 1e0) / 2e0 else 0e0 end as t_x
    from groups

)

select
    brand_id,
    cut,
    x,
    t_x,
    observed_days,
    sum(customers) as customers
from moved
group by brand_id, cut, x, t_x, observed_days
