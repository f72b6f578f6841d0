-- a left join: the trailing year before the last one is only compared with, and has no period of its own
with customer_periods as (

    select
        customers.*,
        periods.previous_period_start
    from {{ ref('fct_customer_periods') }} as customers
    left join {{ ref('int_audit_periods') }} as periods
        on
            customers.brand_id = periods.brand_id
            and customers.period_grain = periods.period_grain
            and customers.period_start = periods.period_start

),

-- each period of a customer with the one before
placed as (

    select
        this_period.brand_id,
        this_period.period_grain,
        this_period.period_start,
        this_period.net_revenue,
        this_period.net_revenue_to_compare,
        this_period.first_order_date >= this_period.period_start as is_new,
        earlier.net_revenue_to_compare as net_revenue_before
    from customer_periods as this_period
    left join customer_periods as earlier
        on
            this_period.brand_id = earlier.brand_id
            and this_period.customer_id = earlier.customer_id
            and this_period.period_grain = earlier.period_grain
            and this_period.previous_period_start = earlier.period_start

),

sums as (

    select
        brand_id,
        period_grain,
        period_start,
        sum(net_revenue) as net_revenue,
        sum(net_revenue_to_compare) as net_revenue_to_compare,
        count(net_revenue_to_compare) as customers_to_compare,
        sum(net_revenue_before) as net_revenue_of_both_before,
        count(net_revenue_before) as customers_of_both,
        sum(case when is_new then net_revenue end) as new_revenue,
        sum(case when not is_new and net_revenue_before is null then net_revenue end) as resumed_revenue,
        sum(case when net_revenue > net_revenue_before then net_revenue - net_revenue_before end) as expansion_revenue,
        sum(case when net_revenue < net_revenue_before then net_revenue_before - net_revenue end)
            as contraction_revenue,
        count(case when is_new then 1 end) as first_time_customers,
        count(case when not is_new and net_revenue_before is null then 1 end) as resumed_customers,
        count(case when net_revenue > net_revenue_before then 1 end) as expansion_customers,
        count(case when net_revenue < net_revenue_before then 1 end) as contraction_customers,
        count(case when net_revenue = net_revenue_before then 1 end) as unchanged_customers
    from placed
    group by brand_id, period_grain, period_start

),

flows as (

    select
        periods.brand_id,
        periods.period_grain,
        periods.period_start,
        periods.is_complete_period,
        periods.previous_period_start >= periods.first_order_date as has_whole_period_before,
        coalesce(earlier.net_revenue_to_compare, 0) as net_revenue_before,
        coalesce(this_period.new_revenue, 0) as new_revenue,
        coalesce(this_period.resumed_revenue, 0) as resumed_revenue,
        coalesce(this_period.expansion_revenue, 0) as expansion_revenue,
        coalesce(this_period.contraction_revenue, 0) as contraction_revenue,
        -- what the others had brought in before
        coalesce(earlier.net_revenue_to_compare, 0) - coalesce(this_period.net_revenue_of_both_before, 0)
            as paused_revenue,
        coalesce(this_period.net_revenue, 0) as net_revenue,
        coalesce(this_period.first_time_customers, 0) as first_time_customers,
        coalesce(this_period.resumed_customers, 0) as resumed_customers,
        coalesce(this_period.expansion_customers, 0) as expansion_customers,
        coalesce(this_period.contraction_customers, 0) as contraction_customers,
        coalesce(earlier.customers_to_compare, 0) - coalesce(this_period.customers_of_both, 0) as paused_customers,
        coalesce(this_period.unchanged_customers, 0) as unchanged_customers
    from {{ ref('int_audit_periods') }} as periods
    left join sums as this_period
        on
            periods.brand_id = this_period.brand_id
            and periods.period_grain = this_period.period_grain
            and periods.period_start = this_period.period_start
    left join sums as earlier
        on
            periods.brand_id = earlier.brand_id
            and periods.period_grain = earlier.period_grain
            and periods.previous_period_start = earlier.period_start

)

select
    brand_id,
    period_grain,
    period_start,
    is_complete_period,
    cast(net_revenue_before as {{ type_decimal(38, 4) }}) as net_revenue_before,
    cast(new_revenue as {{ type_decimal(38, 4) }}) as new_revenue,
    cast(resumed_revenue as {{ type_decimal(38, 4) }}) as resumed_revenue,
    cast(expansion_revenue as {{ type_decimal(38, 4) }}) as expansion_revenue,
    cast(contraction_revenue as {{ type_decimal(38, 4) }}) as contraction_revenue,
    cast(paused_revenue as {{ type_decimal(38, 4) }}) as paused_revenue,
    cast(net_revenue as {{ type_decimal(38, 4) }}) as net_revenue,
    first_time_customers,
    resumed_customers,
    expansion_customers,
    contraction_customers,
    paused_customers,
    unchanged_customers,
    case
        when has_whole_period_before
            then {{ ratio('net_revenue_before - contraction_revenue - paused_revenue', 'net_revenue_before') }}
    end as gross_revenue_retention,
    case
        when has_whole_period_before
            then {{ ratio(
                'net_revenue_before + expansion_revenue - contraction_revenue - paused_revenue', 'net_revenue_before'
            ) }}
    end as net_revenue_retention
from flows
