-- Identity: every customer of fct_known_customers is in customers exactly once, and no other row is.
-- Rows: customers who are missing, extra or repeated.
with listed as (

    select
        brand_id,
        customer_id,
        1 as times_known,
        0 as times_in_customers
    from {{ ref('fct_known_customers') }}

    union all

    select
        brand_id,
        customer_id,
        0 as times_known,
        1 as times_in_customers
    from {{ ref('customers') }}

)

select
    brand_id,
    customer_id,
    sum(times_known) as times_known,
    sum(times_in_customers) as times_in_customers
from listed
group by brand_id, customer_id
having sum(times_known) <> 1 or sum(times_in_customers) <> 1
