with feedback as (

    select
        *,
        row_number() over (
            partition by brand_id, customer_id
            order by submitted_on desc, submitted_at desc, {{ byte_order('feedback_id') }} desc
        ) as recency_rank
    from {{ ref('stg_feedback') }}

)

select
    brand_id,
    customer_id,
    cast(sum(score) as {{ type_double() }}) / count(*) as average_feedback_score,
    cast(max(case when recency_rank = 1 then score end) as {{ type_double() }}) as latest_feedback_score
from feedback
group by brand_id, customer_id
