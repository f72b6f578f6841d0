-- Question: Who comes back after leaving, and after how long?
-- Reading: of the customers who left at least 180 days ago, the share that came back within the given days. Once it
-- hardly rises, another reminder is not worth the money.
with spans as (

    select * from {{ ref('fct_customer_spans') }}
    where
        span_kind = 'base'
        and {{ add_days('span_end', 180) }} <= (select as_of_date from {{ ref('as_of_date') }} as reporting_day)

),

windows as (

    {% for days in [30, 60, 90, 120, 180] -%}
    select {{ days }} as window_days
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

counted as (

    select
        spans.brand_id,
        windows.window_days,
        count(*) as left_the_base,
        count(case when spans.next_span_start <= {{ add_days('spans.span_end', 'windows.window_days') }} then 1 end)
            as came_back
    from spans
    cross join windows
    group by spans.brand_id, windows.window_days

)

select
    brand_id,
    window_days,
    left_the_base,
    came_back,
    {{ ratio('came_back', 'left_the_base') }} as share_that_came_back
from counted
order by brand_id, window_days
