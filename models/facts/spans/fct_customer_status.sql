with spans as (

    select * from {{ ref('fct_customer_spans') }}

)

select
    brand_id,
    customer_id,
    min(span_start) filter (where span_kind = 'base') as acquisition_date,
    coalesce(bool_or(is_open) filter (where span_kind = 'base'), false) as is_in_base,
    coalesce(bool_or(is_open) filter (where span_kind = 'active'), false) as is_in_active_span,
    max(span_end) filter (where span_kind = 'base' and not is_open) as last_churn_date,
    count(*) filter (where span_kind = 'base' and not is_open) as churn_count,
    count(*) filter (where span_kind = 'base' and span_number > 1) as reactivation_count,
    max(span_start) filter (where span_kind = 'base' and is_open) as open_base_span_start,
    max(span_end) filter (where span_kind = 'base' and is_open) as open_base_span_end,
    max(span_end) filter (where span_kind = 'active' and is_open) as open_active_span_end
from spans
group by brand_id, customer_id
