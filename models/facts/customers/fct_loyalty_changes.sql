-- depends_on: {{ ref('as_of_date') }}, {{ ref('brand_settings') }}
{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    partition_by='measured_on',
    full_refresh=false,
    meta={'is_state': true},
    pre_hook="{{ forget_partition(this, ref('as_of_date')) }}",
) }}

-- where tables cannot be updated, a log takes the place of the snapshot: a partition for each day with a change
with today as (

    select
        customers.brand_id,
        customers.customer_id,
        customers.loyalty_class,
        customers.loyalty_tier,
        as_of_date.as_of_date as measured_on
    from {{ ref('customers') }} as customers
    cross join {{ ref('as_of_date') }} as as_of_date

)
{%- if not is_incremental() %}

select
    brand_id,
    customer_id,
    loyalty_class,
    loyalty_tier,
    false as is_gone,
    measured_on
from today
{%- else %},

ranked as (

    select
        *,
        row_number() over (partition by brand_id, customer_id order by measured_on desc) as nth_latest
    from {{ this }}

),

latest as (

    select * from ranked
    where nth_latest = 1 and not is_gone

),

changed as (

    select
        today.brand_id,
        today.customer_id,
        today.loyalty_class,
        today.loyalty_tier,
        false as is_gone
    from today
    left join latest
        on
            today.brand_id = latest.brand_id
            and today.customer_id = latest.customer_id
    where
        latest.customer_id is null
        or today.loyalty_class is distinct from latest.loyalty_class
        or today.loyalty_tier is distinct from latest.loyalty_tier

    union all

    -- nothing is known of brands that are not built
    select
        latest.brand_id,
        latest.customer_id,
        cast(null as {{ dbt.type_string() }}) as loyalty_class,
        cast(null as {{ dbt.type_string() }}) as loyalty_tier,
        true as is_gone
    from latest
    left join today
        on
            latest.brand_id = today.brand_id
            and latest.customer_id = today.customer_id
    where
        today.customer_id is null
        and latest.brand_id in (select brand_id from {{ ref('brand_settings') }})

)

-- a day before the latest on record changes nothing
select
    changed.brand_id,
    changed.customer_id,
    changed.loyalty_class,
    changed.loyalty_tier,
    changed.is_gone,
    as_of_date.as_of_date as measured_on
from changed
cross join {{ ref('as_of_date') }} as as_of_date
where as_of_date.as_of_date > coalesce((select max(measured_on) from {{ this }}), cast('0001-01-01' as date))
{%- endif %}
