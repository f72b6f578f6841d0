-- depends_on: {{ ref('customers') }}
{{ config(materialized='view') }}

{%- set snapshot = ref('loyalty_snapshot') %}

with snapshots as (

    {% if execute and load_relation(snapshot) is none -%}
    -- `dbt run` takes no snapshot: there is no history before the first `dbt build` or `dbt snapshot`
    select
        brand_id,
        customer_id,
        loyalty_class,
        loyalty_tier,
        known_since as dbt_valid_from,
        known_since as dbt_valid_to
    from {{ ref('customers') }}
    where false
    {%- else -%}
    select
        brand_id,
        customer_id,
        loyalty_class,
        loyalty_tier,
        cast(dbt_valid_from as date) as dbt_valid_from,
        cast(dbt_valid_to as date) as dbt_valid_to
    from {{ snapshot }}
    {%- endif %}

),

-- after an earlier day is rebuilt, the record also holds what later days found, and brands that no longer exist
on_record as (

    select
        snapshots.brand_id,
        snapshots.customer_id,
        snapshots.loyalty_class,
        snapshots.loyalty_tier,
        snapshots.dbt_valid_from as valid_from,
        case when snapshots.dbt_valid_to <= as_of_date.as_of_date then snapshots.dbt_valid_to end as valid_to
    from snapshots
    inner join {{ ref('as_of_date') }} as as_of_date
        on snapshots.dbt_valid_from <= as_of_date.as_of_date
    where snapshots.brand_id in (select brand_id from {{ ref('brand_settings') }})

)

select
    brand_id,
    customer_id,
    valid_from,
    valid_to,
    loyalty_class,
    loyalty_tier,
    lag(loyalty_class) over (partition by brand_id, customer_id order by valid_from) as previous_class,
    lag(loyalty_tier) over (partition by brand_id, customer_id order by valid_from) as previous_tier,
    valid_to is null as is_current
from on_record
