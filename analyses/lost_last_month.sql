-- Question: Who are the customers lost in the last complete month?
-- Reading: by acquisition month and channel. If one row holds most of them, churn is an echo of that campaign, not of
-- last month; many repeat customers among the lost mean that good customers have left.
with last_months as (

    select
        brand_id,
        max(period_start) as period_start,
        max(period_end) as period_end
    from {{ ref('brand_metrics') }}
    where period_grain = 'month' and is_complete_period
    group by brand_id

),

spans as (

    select * from {{ ref('fct_customer_spans') }}
    where span_kind = 'base'

),

customers as (

    select * from {{ ref('customers') }}

),

lost as (

    select
        spans.brand_id,
        spans.customer_id,
        last_months.period_start,
        case when known_customers.retained_on < last_months.period_start then 1 else 0 end as is_repeat
    from spans
    inner join last_months
        on
            spans.brand_id = last_months.brand_id
            and spans.span_start < last_months.period_start
            and spans.span_end between last_months.period_start and last_months.period_end
    left join {{ ref('fct_known_customers') }} as known_customers
        on
            spans.brand_id = known_customers.brand_id
            and spans.customer_id = known_customers.customer_id
    where spans.next_span_start is null or spans.next_span_start > last_months.period_end

),

grouped as (

    select
        lost.brand_id,
        lost.period_start,
        {{ period_start('month', 'customers.acquisition_date') }} as acquired_in,
        coalesce(customers.acquisition_channel, 'unknown') as channel,
        count(*) as lost_customers,
        sum(lost.is_repeat) as lost_repeat_customers,
        sum(customers.lifetime_orders) as orders,
        sum(customers.lifetime_net_revenue) as net_revenue
    from lost
    inner join customers
        on
            lost.brand_id = customers.brand_id
            and lost.customer_id = customers.customer_id
    group by
        lost.brand_id,
        lost.period_start,
        {{ period_start('month', 'customers.acquisition_date') }},
        coalesce(customers.acquisition_channel, 'unknown')

)

select
    brand_id,
    period_start,
    acquired_in,
    channel,
    lost_customers,
    lost_repeat_customers,
    {{ ratio('lost_customers', 'sum(lost_customers) over (partition by brand_id)') }} as share_of_lost,
    {{ ratio('orders', 'lost_customers') }} as orders_per_customer,
    {{ ratio('net_revenue', 'lost_customers') }} as net_revenue_per_customer
from grouped
order by brand_id asc, lost_customers desc, acquired_in asc, channel asc
