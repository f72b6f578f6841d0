{% snapshot loyalty_snapshot %}

-- depends_on: {{ ref('brand_settings') }}

{{ config(
    schema='facts',
    unique_key=['brand_id', 'customer_id'],
    strategy='check',
    check_cols=['loyalty_class', 'loyalty_tier'],
    updated_at='measured_on',
    pre_hook="{{ forget_day(this, ref('as_of_date')) }}",
    post_hook="{{ end_rows_of_the_gone(this, ref('customers'), ref('as_of_date'), ref('brand_settings')) }}",
) }}

with customers as (

    select * from {{ ref('customers') }}

),

as_of_date as (

    select as_of_date from {{ ref('as_of_date') }} as reporting_day

)

select
    customers.brand_id,
    customers.customer_id,
    customers.loyalty_class,
    customers.loyalty_tier,
    cast(as_of_date.as_of_date as timestamp) as measured_on
from customers
cross join as_of_date
{%- if execute and load_relation(this) is not none %}
-- a day before the latest on record changes nothing
where cast(as_of_date.as_of_date as timestamp) > coalesce({{ latest_day(this) }}, cast('0001-01-01' as timestamp))
{%- endif %}

{% endsnapshot %}
