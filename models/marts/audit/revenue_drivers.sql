{%- set double = type_double() -%}

with order_days as (

    select * from {{ ref('fct_order_days') }}

),

-- a day has the buyers whose first order of the period it holds, so that they add up
grouped as (

    select
        brand_id,
        'month' as period_grain,
        {{ period_start('month', 'order_date') }} as period_start,
        cohort_month = {{ period_start('month', 'order_date') }} as is_first_time,
        month_purchasers as buyers,
        orders,
        gross_amount,
        discount_amount,
        refund_amount,
        net_revenue
    from order_days

    union all

    select
        brand_id,
        'year' as period_grain,
        {{ period_start('year', 'order_date') }} as period_start,
        {{ period_start('year', 'cohort_month') }} = {{ period_start('year', 'order_date') }} as is_first_time,
        year_purchasers as buyers,
        orders,
        gross_amount,
        discount_amount,
        refund_amount,
        net_revenue
    from order_days

),

sums as (

    select
        brand_id,
        period_grain,
        period_start,
        is_first_time,
        cast(sum(buyers) as {{ double }}) as buyers,
        cast(sum(orders) as {{ double }}) as orders,
        cast(sum(gross_amount) as {{ double }}) as gross,
        cast(sum(gross_amount) - sum(discount_amount) as {{ double }}) as gross_less_discount,
        sum(net_revenue) as net_revenue
    from grouped
    group by brand_id, period_grain, period_start, is_first_time

),

customer_groups as (

    select true as is_first_time
    union all
    select false as is_first_time

),

pairs as (

    select
        brand_id,
        period_grain,
        period_start,
        first_order_date,
        'previous_period' as compared_with,
        previous_period_start as compared_period_start
    from {{ ref('int_audit_periods') }}
    where period_grain = 'month' and is_complete_period

    union all

    select
        brand_id,
        period_grain,
        period_start,
        first_order_date,
        'year_before' as compared_with,
        case period_grain
            when 'month' then {{ period_start('month', add_days('period_start', -365)) }}
            else previous_period_start
        end as compared_period_start
    from {{ ref('int_audit_periods') }}
    where period_grain in ('month', 'year') and is_complete_period

),

-- a row for each of the two groups, also where it has no orders in one of the periods
compared as (

    select
        pairs.brand_id,
        pairs.period_grain,
        pairs.period_start,
        pairs.compared_with,
        {{ is_left_truncated('pairs.compared_period_start', 'pairs.first_order_date', 'pairs.brand_id') }}
            as is_left_truncated,
        customer_groups.is_first_time,
        coalesce(this_period.net_revenue, 0) as net_revenue,
        coalesce(earlier.net_revenue, 0) as net_revenue_before,
        cast(this_period.net_revenue as {{ double }}) as revenue,
        cast(earlier.net_revenue as {{ double }}) as revenue_before,
        this_period.buyers,
        earlier.buyers as buyers_before,
        this_period.orders,
        earlier.orders as orders_before,
        this_period.gross,
        earlier.gross as gross_before,
        this_period.gross_less_discount,
        earlier.gross_less_discount as gross_less_discount_before
    from pairs
    cross join customer_groups
    left join sums as this_period
        on
            pairs.brand_id = this_period.brand_id
            and pairs.period_grain = this_period.period_grain
            and pairs.period_start = this_period.period_start
            and customer_groups.is_first_time = this_period.is_first_time
    left join sums as earlier
        on
            pairs.brand_id = earlier.brand_id
            and pairs.period_grain = earlier.period_grain
            and pairs.compared_period_start = earlier.period_start
            and customer_groups.is_first_time = earlier.is_first_time
    where pairs.compared_period_start >= pairs.first_order_date

),

-- what is shared out among the factors: the logarithmic mean of both revenues, where both are above zero
weighted as (

    select
        *,
        case
            when revenue > 0 and revenue_before > 0 and abs(revenue / revenue_before - 1) < 1e-6
                then revenue_before * (1 + revenue / revenue_before) / 2
            when revenue > 0 and revenue_before > 0
                then revenue_before * (revenue / revenue_before - 1) / ln(revenue / revenue_before)
        end as weight
    from compared

),

-- a group that came or went as a whole is a matter of its buyers
effects as (

    select
        brand_id,
        period_grain,
        period_start,
        compared_with,
        is_left_truncated,
        is_first_time,
        net_revenue,
        net_revenue_before,
        case
            when weight is not null then weight * ln(buyers / buyers_before)
            else cast(net_revenue - net_revenue_before as {{ double }})
        end as buyers_effect,
        case
            when weight is not null then weight * ln((orders / buyers) / (orders_before / buyers_before)) else 0
        end as frequency_effect,
        case
            when weight is not null then weight * ln((gross / orders) / (gross_before / orders_before)) else 0
        end as gross_value_effect,
        case
            when weight is not null
                then weight * ln((gross_less_discount / gross) / (gross_less_discount_before / gross_before))
            else 0
        end as discount_effect,
        case
            when weight is not null
                then weight * ln(
                    (revenue / gross_less_discount) / (revenue_before / gross_less_discount_before)
                )
            else 0
        end as refund_effect
    from weighted

),

added as (

    select
        brand_id,
        period_grain,
        period_start,
        compared_with,
        sum(net_revenue) - sum(net_revenue_before) as revenue_change,
        sum(buyers_effect) as buyers_effect,
        sum(case when is_first_time and not is_left_truncated then buyers_effect end) as first_time_buyers_effect,
        sum(case when not is_first_time and not is_left_truncated then buyers_effect end) as returning_buyers_effect,
        sum(frequency_effect) as frequency_effect,
        sum(gross_value_effect + discount_effect + refund_effect) as order_value_effect,
        sum(gross_value_effect) as gross_value_effect,
        sum(discount_effect) as discount_effect,
        sum(refund_effect) as refund_effect
    from effects
    group by brand_id, period_grain, period_start, compared_with

)

select
    brand_id,
    period_grain,
    period_start,
    compared_with,
    cast(revenue_change as {{ type_decimal(38, 4) }}) as revenue_change,
    buyers_effect,
    first_time_buyers_effect,
    returning_buyers_effect,
    frequency_effect,
    order_value_effect,
    gross_value_effect,
    discount_effect,
    refund_effect,
    -- half the buyers and twice the orders each are equal effects, but for the last bit
    case
        when abs(buyers_effect) >= (1 - 1e-9) * {{ greatest('abs(frequency_effect)', 'abs(order_value_effect)') }}
            then 'buyers'
        when abs(frequency_effect) >= (1 - 1e-9) * abs(order_value_effect) then 'frequency'
        else 'order_value'
    end as main_driver
from added
