-- Question: Does an answer to negative feedback keep the customer?
-- Reading: compare the rows with an answer with the row without one; all had at least 60 days to buy again. A
-- difference is no proof: the answered customers may have been the better ones, so check their earlier orders.
with feedback as (

    select * from {{ ref('feedback_loop') }}
    where {{ add_days('submitted_on', 60) }} <= (select as_of_date from {{ ref('as_of_date') }} as reporting_day)

),

orders as (

    select * from {{ ref('fct_orders') }}
    where is_purchase

),

orders_before as (

    select
        feedback.brand_id,
        feedback.feedback_id,
        count(orders.order_id) as orders_before
    from feedback
    left join orders
        on
            feedback.brand_id = orders.brand_id
            and feedback.customer_id = orders.customer_id
            and feedback.submitted_on >= orders.order_date
    group by feedback.brand_id, feedback.feedback_id

),

grouped as (

    select
        feedback.brand_id,
        case
            when feedback.is_open then '3 not answered'
            when feedback.days_to_answer <= 2 then '1 answered within two days'
            else '2 answered later'
        end as answer,
        count(*) as scores,
        avg(feedback.score) as average_score,
        avg(cast(orders_before.orders_before as {{ type_double() }})) as average_orders_before,
        count(case when feedback.bought_again then 1 end) as bought_again,
        count(case when customers.relationship_status in ('active', 'dormant') then 1 end) as in_base
    from feedback
    inner join orders_before
        on
            feedback.brand_id = orders_before.brand_id
            and feedback.feedback_id = orders_before.feedback_id
    left join {{ ref('customers') }} as customers
        on
            feedback.brand_id = customers.brand_id
            and feedback.customer_id = customers.customer_id
    group by
        feedback.brand_id,
        case
            when feedback.is_open then '3 not answered'
            when feedback.days_to_answer <= 2 then '1 answered within two days'
            else '2 answered later'
        end

)

select
    brand_id,
    answer,
    scores,
    average_score,
    average_orders_before,
    {{ ratio('bought_again', 'scores') }} as share_bought_again,
    {{ ratio('in_base', 'scores') }} as share_in_base
from grouped
order by brand_id, answer
