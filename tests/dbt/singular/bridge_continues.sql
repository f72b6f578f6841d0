-- Identity: the customers at the end of a period are those at the start of the next, and the first begins with none.
-- Rows: periods of brand_metrics that begin with another number than the previous one ended with.
with periods as (

    select
        brand_id,
        period_grain,
        period_start,
        customers_at_start,
        coalesce(
            lag(customers_at_end) over (partition by brand_id, period_grain order by period_start), 0
        ) as customers_at_end_before
    from {{ ref('brand_metrics') }}

)

select *
from periods
where customers_at_start <> customers_at_end_before
