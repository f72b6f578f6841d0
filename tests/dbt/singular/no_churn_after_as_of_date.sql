-- Identity: no churn lies after as_of_date, and a span is open exactly if it reaches beyond it.
-- Rows: customers and spans that say otherwise.
with as_of_date as (

    select as_of_date from {{ ref('as_of_date') }} as reporting_day

)

select
    customers.brand_id,
    customers.customer_id,
    'last_churn_date' as what,
    customers.last_churn_date as on_date
from {{ ref('customers') }} as customers
cross join as_of_date
where
    customers.last_churn_date > as_of_date.as_of_date
    or (customers.last_churn_date is not null and customers.churn_count = 0)
    or (customers.last_churn_date is null and customers.churn_count > 0)

union all

select
    spans.brand_id,
    spans.customer_id,
    spans.span_kind || ' span' as what,
    spans.span_end as on_date
from {{ ref('fct_customer_spans') }} as spans
cross join as_of_date
where
    spans.is_open <> (spans.span_end is null or spans.span_end > as_of_date.as_of_date)
    or spans.span_start > as_of_date.as_of_date
