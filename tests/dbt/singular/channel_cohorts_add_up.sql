-- Identity: the monthly cohorts of cohort_retention are the sums of cohort_retention_by_channel over the channels, in
-- every month since: customers, orders and, to the cent, net revenue. The flags are the same in every channel.
-- Rows: months in which they are not.
with channels as (

    select
        brand_id,
        cohort_start,
        period_index,
        sum(cohort_size) as cohort_size,
        sum(purchasing_customers) as purchasing_customers,
        sum(orders) as orders,
        sum(net_revenue) as net_revenue,
        sum(cumulative_net_revenue) as cumulative_net_revenue,
        count(*) as channels,
        count(case when is_complete_period then 1 end) as complete_channels,
        count(case when is_left_truncated then 1 end) as left_truncated_channels
    from {{ ref('cohort_retention_by_channel') }}
    group by brand_id, cohort_start, period_index

),

cohorts as (

    select * from {{ ref('cohort_retention') }}
    where cohort_grain = 'month'

)

select
    coalesce(cohorts.brand_id, channels.brand_id) as brand_id,
    coalesce(cohorts.cohort_start, channels.cohort_start) as cohort_start,
    coalesce(cohorts.period_index, channels.period_index) as period_index,
    cohorts.net_revenue,
    channels.net_revenue as net_revenue_of_channels
from cohorts
full outer join channels
    on
        cohorts.brand_id = channels.brand_id
        and cohorts.cohort_start = channels.cohort_start
        and cohorts.period_index = channels.period_index
where
    coalesce(channels.cohort_size, -1) <> coalesce(cohorts.cohort_size, -1)
    or coalesce(channels.purchasing_customers, -1) <> coalesce(cohorts.purchasing_customers, -1)
    or coalesce(channels.orders, -1) <> coalesce(cohorts.orders, -1)
    or coalesce(channels.net_revenue, -1) <> coalesce(cohorts.net_revenue, -1)
    or coalesce(channels.cumulative_net_revenue, -1) <> coalesce(cohorts.cumulative_net_revenue, -1)
    or channels.complete_channels <> case when cohorts.is_complete_period then channels.channels else 0 end
    or channels.left_truncated_channels <> case when cohorts.is_left_truncated then channels.channels else 0 end
