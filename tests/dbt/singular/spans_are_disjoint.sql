{%- set spans_of_kind = 'partition by brand_id, customer_id, span_kind order by span_start' -%}
-- Identity: the spans of a customer and kind neither overlap nor touch, each starts before it ends, and they are
-- numbered chronologically.
-- Rows: spans that violate this.
with spans as (

    select
        brand_id,
        customer_id,
        span_kind,
        span_number,
        span_start,
        span_end,
        row_number() over ({{ spans_of_kind }}) as place,
        lag(span_end) over ({{ spans_of_kind }}) as previous_span_end
    from {{ ref('fct_customer_spans') }}

)

select *
from spans
where
    span_start >= span_end
    or span_number <> place
    -- the previous span has an end, before this start
    or (place > 1 and coalesce(previous_span_end >= span_start, true))
