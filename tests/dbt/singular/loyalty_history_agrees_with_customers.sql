{%- set snapshot = ref('loyalty_snapshot') %}
-- Identity: at the latest day on record, the current rows of loyalty_history agree with customers, customer by
-- customer. An earlier day shows what was on record by then, which a build of that day does not change.
-- Rows: customers whose current row is missing, differs, or should have ended.
{% if execute and load_relation(snapshot) is none -%}
-- `dbt run` takes no snapshot
select brand_id from {{ ref('customers') }}
where false
{%- else -%}
with history as (

    select * from {{ ref('loyalty_history') }}
    where is_current

),

customers as (

    select * from {{ ref('customers') }}

),

compared as (

    select
        coalesce(customers.brand_id, history.brand_id) as brand_id,
        coalesce(customers.customer_id, history.customer_id) as customer_id,
        customers.loyalty_class,
        history.loyalty_class as current_class,
        customers.loyalty_tier,
        history.loyalty_tier as current_tier
    from customers
    full outer join history
        on
            customers.brand_id = history.brand_id
            and customers.customer_id = history.customer_id

)

select *
from compared
where
    (
        coalesce(loyalty_class, '(none)') <> coalesce(current_class, '(none)')
        or coalesce(loyalty_tier, '(none)') <> coalesce(current_tier, '(none)')
    )
    and (select as_of_date from {{ ref('as_of_date') }} as reporting_day) >= {{ latest_day(snapshot) }}
{%- endif %}
