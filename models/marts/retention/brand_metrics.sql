{%- set as_of_date = '(select as_of_date from ' ~ ref('as_of_date') ~ ' as reporting_day)' -%}
{%- set up_to_here = 'over (partition by brand_id, period_grain order by period_start rows unbounded preceding)' -%}

with brands as (

    select * from {{ ref('int_brands') }}

),

periods as (

    select
        periods.*,
        brands.marketing_spend is not null as has_spend,
        {{ is_left_truncated('periods.period_start', 'brands.first_order_date', 'periods.brand_id') }}
            as is_left_truncated
    from {{ ref('int_brand_periods') }} as periods
    inner join brands
        on
            periods.brand_id = brands.brand_id
            and periods.period_end >= brands.first_commercial_date

),

days as (

    select
        brand_days.*,
        grains.period_grain,
        {{ start_of_period('grains.period_grain', 'brand_days.calendar_date') }} as period_start,
        case grains.period_grain
            when 'week' then brand_days.week_purchasers
            when 'month' then brand_days.month_purchasers
            when 'quarter' then brand_days.quarter_purchasers
            when 'year' then brand_days.year_purchasers
        end as purchasers,
        case grains.period_grain
            when 'week' then brand_days.week_repeat_purchasers
            when 'month' then brand_days.month_repeat_purchasers
            when 'quarter' then brand_days.quarter_repeat_purchasers
            when 'year' then brand_days.year_repeat_purchasers
        end as repeat_purchasers,
        case grains.period_grain
            when 'week' then brand_days.week_returning_purchasers
            when 'month' then brand_days.month_returning_purchasers
            when 'quarter' then brand_days.quarter_returning_purchasers
            when 'year' then brand_days.year_returning_purchasers
        end as returning_purchasers,
        case grains.period_grain
            when 'week' then brand_days.week_opening_cancellations
            when 'month' then brand_days.month_opening_cancellations
            when 'quarter' then brand_days.quarter_opening_cancellations
            when 'year' then brand_days.year_opening_cancellations
        end as opening_cancellations
    from {{ ref('fct_brand_days') }} as brand_days
    cross join {{ ref('int_period_grains') }} as grains

),

movements as (

    select * from {{ ref('fct_base_movements') }}

),

signal_changes as (

    select * from {{ ref('fct_signal_changes') }}

),

-- what the customers of a period brought in their first year
first_years as (

    select
        acquisitions.brand_id,
        grains.period_grain,
        {{ start_of_period('grains.period_grain', 'acquisitions.acquisition_date') }} as period_start,
        sum(acquisitions.net_revenue_365d) as net_revenue_365d
    from {{ ref('fct_acquisition_days') }} as acquisitions
    cross join {{ ref('int_period_grains') }} as grains
    group by
        acquisitions.brand_id,
        grains.period_grain,
        {{ start_of_period('grains.period_grain', 'acquisitions.acquisition_date') }}

),

totals as (

    select
        brand_id,
        period_grain,
        period_start,
        sum(orders) as orders,
        sum(gross_amount) as gross_amount,
        sum(discount_amount) as discount_amount,
        sum(refund_amount) as refund_amount,
        sum(net_revenue) as net_revenue,
        sum(discounted_orders) as discounted_orders,
        sum(coupon_orders) as coupon_orders,
        sum(first_orders) as first_orders,
        sum(first_order_net_revenue) as first_order_net_revenue,
        sum(second_orders) as second_orders,
        sum(promoters) as promoters,
        sum(detractors) as detractors,
        sum(nps_answers) as nps_answers,
        sum(subscriptions_started) as subscriptions_started,
        sum(subscriptions_cancelled) as subscriptions_cancelled,
        sum(opening_cancellations) as opening_cancellations,
        sum(subscription_change) as subscription_change,
        sum(monthly_recurring_change) as monthly_recurring_change,
        sum(new_members) as new_members,
        sum(active_change) as active_change,
        sum(acquisition_spend) as acquisition_spend,
        sum(retention_spend) as retention_spend,
        sum(purchasers) as purchasers,
        sum(repeat_purchasers) as repeat_purchasers,
        sum(returning_purchasers) as returning_purchasers
    from days
    group by brand_id, period_grain, period_start

),

filled as (

    select
        periods.brand_id,
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete_period,
        periods.is_left_truncated,
        {{ dbt.datediff('periods.period_end', as_of_date, 'day') }} as days_since_end,
        coalesce(signal_changes.outlasting_change, 0) as outlasting_change,
        coalesce(first_years.net_revenue_365d, 0) as first_year_net_revenue,
        case when periods.has_spend then coalesce(totals.acquisition_spend, 0) end as acquisition_spend,
        case when periods.has_spend then coalesce(totals.retention_spend, 0) end as retention_spend,
        coalesce(totals.orders, 0) as orders,
        coalesce(totals.gross_amount, 0) as gross_amount,
        coalesce(totals.discount_amount, 0) as discount_amount,
        coalesce(totals.refund_amount, 0) as refund_amount,
        coalesce(totals.net_revenue, 0) as net_revenue,
        coalesce(totals.discounted_orders, 0) as discounted_orders,
        coalesce(totals.coupon_orders, 0) as coupon_orders,
        coalesce(totals.first_orders, 0) as first_orders,
        coalesce(totals.first_order_net_revenue, 0) as first_order_net_revenue,
        coalesce(totals.second_orders, 0) as second_orders,
        coalesce(totals.promoters, 0) as promoters,
        coalesce(totals.detractors, 0) as detractors,
        coalesce(totals.nps_answers, 0) as nps_answers,
        coalesce(totals.subscriptions_started, 0) as subscriptions_started,
        coalesce(totals.subscriptions_cancelled, 0) as subscriptions_cancelled,
        coalesce(totals.opening_cancellations, 0) as opening_cancellations,
        coalesce(totals.subscription_change, 0) as subscription_change,
        coalesce(totals.monthly_recurring_change, 0) as monthly_recurring_change,
        coalesce(totals.new_members, 0) as new_members,
        coalesce(totals.active_change, 0) as active_change,
        coalesce(totals.purchasers, 0) as purchasers,
        coalesce(totals.repeat_purchasers, 0) as repeat_purchasers,
        coalesce(totals.returning_purchasers, 0) as returning_purchasers,
        coalesce(movements.lost_customers, 0) as lost_customers,
        coalesce(movements.new_customers, 0) as new_customers,
        coalesce(movements.reactivated_customers, 0) as reactivated_customers,
        coalesce(movements.acquired_customers, 0) as acquired_customers,
        coalesce(movements.lost_repeat_customers, 0) as lost_repeat_customers,
        coalesce(movements.repeat_change, 0) as repeat_change,
        coalesce(movements.churns, 0) as churns,
        coalesce(movements.churns_reactivated_180d, 0) as churns_reactivated_180d
    from periods
    left join totals
        on
            periods.brand_id = totals.brand_id
            and periods.period_grain = totals.period_grain
            and periods.period_start = totals.period_start
    left join movements
        on
            periods.brand_id = movements.brand_id
            and periods.period_grain = movements.period_grain
            and periods.period_start = movements.period_start
    left join signal_changes
        on
            periods.brand_id = signal_changes.brand_id
            and periods.period_grain = signal_changes.period_grain
            and periods.period_start = signal_changes.period_start
    left join first_years
        on
            periods.brand_id = first_years.brand_id
            and periods.period_grain = first_years.period_grain
            and periods.period_start = first_years.period_start

),

accumulated as (

    select
        *,
        sum(new_customers + reactivated_customers - lost_customers) {{ up_to_here }} as customers_at_end,
        sum(outlasting_change) {{ up_to_here }} as outlasting_customers,
        sum(repeat_change) {{ up_to_here }} - repeat_change as repeat_customers_at_start,
        sum(active_change) {{ up_to_here }} as active_customers,
        sum(subscription_change) {{ up_to_here }} - subscription_change as subscriptions_at_start,
        sum(monthly_recurring_change) {{ up_to_here }} as monthly_recurring_amount,
        sum(first_orders) {{ up_to_here }} as buyers_to_date,
        sum(second_orders) {{ up_to_here }} as repeat_buyers_to_date,
        sum(net_revenue) {{ up_to_here }} as net_revenue_to_date,
        sum(acquisition_spend + retention_spend) {{ up_to_here }} as marketing_spend_to_date
    from filled

),

bridged as (

    select
        *,
        customers_at_end - new_customers - reactivated_customers + lost_customers as customers_at_start,
        customers_at_end - new_customers - reactivated_customers as retained_customers,
        {{ trailing_year_sum('lost_customers') }} as trailing_lost_customers,
        {{ trailing_year_sum('net_revenue') }} as trailing_net_revenue,
        -- the trailing year and the one before it are there
        is_complete_period
        and row_number() over (partition by brand_id, period_grain order by period_start)
        >= case period_grain when 'week' then 104 when 'month' then 24 when 'quarter' then 8 else 2 end
            as has_two_years
    from accumulated

),

-- a step of its own, as customers_at_start is worked out in the one before
trailed as (

    select
        *,
        {{ trailing_year_sum('customers_at_start') }} as trailing_customers_at_start,
        customers_at_start - outlasting_customers as at_risk_customers,
        case
            when days_since_end >= 364
                then {{ brand_value('margin_rate') }} * {{ ratio('first_year_net_revenue', 'acquired_customers') }}
        end as ltv_365d
    from bridged

),

rated as (

    select
        *,
        {{ ratio('lost_customers', 'customers_at_start') }} as churn_rate,
        {{ ratio('net_revenue', 'orders') }} as average_order_value,
        {{ ratio('net_revenue_to_date', 'buyers_to_date') }} as historical_clv,
        {{ ratio('acquisition_spend', 'acquired_customers') }} as cost_per_acquisition,
        case
            when has_two_years then {{ ratio('trailing_customers_at_start', 'trailing_lost_customers') }}
        end as average_lifespan_periods,
        case when has_two_years then {{ ratio('trailing_net_revenue', 'trailing_lost_customers') }} end as clv_formula
    from trailed

)

select
    brand_id,
    period_grain,
    period_start,
    period_end,
    is_complete_period,
    is_left_truncated,
    cast(customers_at_start as bigint) as customers_at_start,
    cast(customers_at_end as bigint) as customers_at_end,
    cast(retained_customers as bigint) as retained_customers,
    cast(lost_customers as bigint) as lost_customers,
    cast(new_customers as bigint) as new_customers,
    cast(reactivated_customers as bigint) as reactivated_customers,
    cast(acquired_customers as bigint) as acquired_customers,
    churn_rate,
    {{ ratio('retained_customers', 'customers_at_start') }} as retention_rate,
    cast(at_risk_customers as bigint) as at_risk_customers,
    {{ ratio('lost_customers', 'at_risk_customers') }} as lapse_rate,
    cast(repeat_customers_at_start as bigint) as repeat_customers_at_start,
    cast(lost_repeat_customers as bigint) as lost_repeat_customers,
    {{ ratio('lost_repeat_customers', 'repeat_customers_at_start') }} as repeat_churn_rate,
    cast(churns as bigint) as churns,
    case
        when days_since_end >= 180 then {{ ratio('churns_reactivated_180d', 'churns') }}
    end as reactivated_within_180d_rate,
    cast(purchasers as bigint) as purchasing_customers,
    cast(orders as bigint) as orders,
    cast(net_revenue as {{ type_decimal(38, 4) }}) as net_revenue,
    cast(repeat_purchasers as bigint) as repeat_purchasers,
    {{ ratio('repeat_purchasers', 'purchasers') }} as repeat_customer_rate,
    cast(returning_purchasers as bigint) as returning_purchasers,
    {{ ratio('returning_purchasers', 'purchasers') }} as returning_customer_rate,
    {{ ratio('repeat_buyers_to_date', 'buyers_to_date') }} as lifetime_repeat_rate,
    {{ ratio('orders', 'purchasers') }} as purchase_frequency,
    average_order_value,
    average_lifespan_periods,
    clv_formula,
    historical_clv,
    (
        {{ brand_value('margin_rate') }} * cast(net_revenue_to_date as {{ type_double() }})
        - cast(marketing_spend_to_date as {{ type_double() }})
    ) / nullif(cast(buyers_to_date as {{ type_double() }}), 0) as net_clv,
    cast(active_customers as bigint) as active_customers,
    {{ ratio('active_customers', 'customers_at_end') }} as active_rate,
    cast(gross_amount as {{ type_decimal(38, 4) }}) as gross_amount,
    cast(discount_amount as {{ type_decimal(38, 4) }}) as discount_amount,
    cast(refund_amount as {{ type_decimal(38, 4) }}) as refund_amount,
    {{ ratio('discounted_orders', 'orders') }} as discounted_order_share,
    {{ ratio('coupon_orders', 'orders') }} as coupon_order_share,
    cast(first_order_net_revenue as {{ type_decimal(38, 4) }}) as first_order_net_revenue,
    cast(net_revenue - first_order_net_revenue as {{ type_decimal(38, 4) }}) as returning_net_revenue,
    cast(acquisition_spend as {{ type_decimal(38, 4) }}) as acquisition_spend,
    cast(retention_spend as {{ type_decimal(38, 4) }}) as retention_spend,
    cost_per_acquisition,
    ltv_365d,
    {{ ratio('ltv_365d', 'cost_per_acquisition') }} as ltv_365d_to_cac,
    {{ ratio('promoters - detractors', 'nps_answers') }} as nps,
    cast(subscriptions_at_start as bigint) as subscriptions_at_start,
    cast(subscriptions_started as bigint) as subscriptions_started,
    cast(subscriptions_cancelled as bigint) as subscriptions_cancelled,
    {{ ratio('opening_cancellations', 'subscriptions_at_start') }} as subscription_cancellation_rate,
    cast(monthly_recurring_amount as {{ type_decimal(38, 4) }}) as monthly_recurring_amount,
    cast(new_members as bigint) as new_members
from rated
