with spans as (

    select * from {{ ref('fct_customer_spans') }}

)

select
    brand_id,
    customer_id,
    min(case when span_kind = 'base' then span_start end) as acquisition_date,
    coalesce({{ dbt.bool_or("case when span_kind = 'base' then is_open end") }}, false) as is_in_base,
    coalesce({{ dbt.bool_or("case when span_kind = 'active' then is_open end") }}, false) as is_in_active_span,
    max(case when span_kind = 'base' and not is_open then span_end end) as last_churn_date,
    count(case when span_kind = 'base' and not is_open then 1 end) as churn_count,
    count(case when span_kind = 'base' and span_number > 1 then 1 end) as reactivation_count,
    max(case when span_kind = 'base' and is_open then span_start end) as open_base_span_start,
    max(case when span_kind = 'base' and is_open then span_end end) as open_base_span_end,
    max(case when span_kind = 'active' and is_open then span_end end) as open_active_span_end
from spans
group by brand_id, customer_id
