-- Question: Which month's cohort is worst compared with its neighbours?
-- Reading: the share of a month's first buyers who bought again within 180 days, less that of the two months before and
-- the two after. Three or more standard errors below zero are no accident: what was sold then, to whom, and how? Where
-- is_left_truncated is true, some first buyers may be old customers.
{%- set five_months = 'partition by brand_id order by cohort_start rows between 2 preceding and 2 following' %}
with cohorts as (

    select * from {{ ref('second_purchase') }}
    where second_buyers_180d is not null

),

framed as (

    select
        brand_id,
        cohort_start,
        is_left_truncated,
        first_buyers,
        second_buyers_180d,
        second_purchase_rate_180d,
        sum(first_buyers) over ({{ five_months }}) - first_buyers as neighbours_first_buyers,
        sum(second_buyers_180d) over ({{ five_months }}) - second_buyers_180d as neighbours_second_buyers,
        {{ ratio(
            'sum(second_buyers_180d) over (' ~ five_months ~ ')', 'sum(first_buyers) over (' ~ five_months ~ ')'
        ) }} as rate_of_five
    from cohorts

),

compared as (

    select
        *,
        {{ ratio('neighbours_second_buyers', 'neighbours_first_buyers') }} as rate_of_neighbours,
        sqrt(
            rate_of_five * (1 - rate_of_five)
            * ({{ ratio(1, 'first_buyers') }} + {{ ratio(1, 'neighbours_first_buyers') }})
        ) as standard_error
    from framed

)

select
    brand_id,
    cohort_start,
    is_left_truncated,
    first_buyers,
    second_purchase_rate_180d,
    rate_of_neighbours,
    second_purchase_rate_180d - rate_of_neighbours as difference,
    (second_purchase_rate_180d - rate_of_neighbours) / nullif(standard_error, 0) as standard_errors,
    first_buyers * rate_of_neighbours - second_buyers_180d as second_buyers_missed
from compared
where first_buyers > 0 and neighbours_first_buyers > 0
order by brand_id, difference, cohort_start
