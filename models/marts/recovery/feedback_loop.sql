{%- set answer_days = 30 -%}

with low_scores as (

    select * from {{ ref('stg_feedback') }}
    where score <= 6

),

-- the time decides if both have one; otherwise only a later date is an answer
answers as (

    select
        low_scores.brand_id,
        low_scores.feedback_id,
        min(interactions.interaction_date) as answered_on
    from low_scores
    inner join {{ ref('stg_interactions') }} as interactions
        on
            low_scores.brand_id = interactions.brand_id
            and low_scores.customer_id = interactions.customer_id
            and low_scores.submitted_on <= interactions.interaction_date
            and {{ add_days('low_scores.submitted_on', answer_days) }} >= interactions.interaction_date
            and (
                low_scores.submitted_on < interactions.interaction_date
                or (
                    low_scores.has_time_of_day
                    and interactions.has_time_of_day
                    and low_scores.submitted_at < interactions.occurred_at
                )
            )
    where interactions.interaction_group in ('support', 'contact')
    group by low_scores.brand_id, low_scores.feedback_id

)

select
    low_scores.brand_id,
    low_scores.feedback_id,
    low_scores.customer_id,
    low_scores.submitted_on,
    cast(low_scores.score as {{ type_double() }}) as score,
    answers.answered_on,
    cast({{ dbt.datediff('low_scores.submitted_on', 'answers.answered_on', 'day') }} as bigint) as days_to_answer,
    coalesce(customer_orders.last_order_date > low_scores.submitted_on, false) as bought_again,
    answers.answered_on is null as is_open
from low_scores
left join answers
    on
        low_scores.brand_id = answers.brand_id
        and low_scores.feedback_id = answers.feedback_id
left join {{ ref('fct_customer_orders') }} as customer_orders
    on
        low_scores.brand_id = customer_orders.brand_id
        and low_scores.customer_id = customer_orders.customer_id
