-- depends_on: {{ ref('customers') }}
{{ config(materialized='view', enabled=target.type != 'spark') }}

{%- set snapshot = ref('loyalty_snapshot') %}

with snapshots as (

    {% if execute and load_relation(snapshot) is none -%}
    -- `dbt run` alone takes no snapshot: there is no history before the first `dbt build` or `dbt snapshot`
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

compared as (

    select
        *,
        lag(loyalty_class) over (partition by brand_id, customer_id order by dbt_valid_from) as previous_class,
        lag(loyalty_tier) over (partition by brand_id, customer_id order by dbt_valid_from) as previous_tier
    from snapshots

)

select
    brand_id,
    customer_id,
    dbt_valid_from as valid_from,
    dbt_valid_to as valid_to,
    loyalty_class,
    loyalty_tier,
    previous_class,
    previous_tier,
    dbt_valid_to is null as is_current
from compared
