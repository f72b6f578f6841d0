-- Question: Where do first buyers drop out?
-- Reading: of the customers who have had 180 days for their next order, the share that placed it; the lowest share is
-- the step to work on. Later steps look better because fickle customers have left by then.
with orders as (

    select * from {{ ref('fct_orders') }}
    where is_purchase

),

followed as (

    select
        brand_id,
        order_sequence,
        order_date,
        lead(order_date) over (partition by brand_id, customer_id order by order_sequence) as next_order_date
    from orders

),

steps as (

    select
        brand_id,
        order_sequence,
        count(*) as customers,
        count(case when next_order_date <= {{ add_days('order_date', 180) }} then 1 end) as went_on
    from followed
    where
        order_sequence <= 6
        and {{ add_days('order_date', 180) }} <= (select as_of_date from {{ ref('as_of_date') }} as reporting_day)
    group by brand_id, order_sequence

)

select
    brand_id,
    order_sequence as order_number,
    customers,
    went_on,
    customers - went_on as lost,
    {{ ratio('went_on', 'customers') }} as share_that_went_on
from steps
order by brand_id, order_sequence
