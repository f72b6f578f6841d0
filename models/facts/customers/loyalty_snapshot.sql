with changes as (

    select
        *,
        lead(measured_on) over (partition by brand_id, customer_id order by measured_on) as next_measured_on
    from {{ ref('fct_loyalty_changes') }}

)

select
    brand_id,
    customer_id,
    loyalty_class,
    loyalty_tier,
    cast(measured_on as timestamp) as measured_on,
    cast(measured_on as timestamp) as dbt_updated_at,
    cast(measured_on as timestamp) as dbt_valid_from,
    cast(next_measured_on as timestamp) as dbt_valid_to
from changes
where not is_gone
