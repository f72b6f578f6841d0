-- whole years since the brand's first order: calendar years, the 365 days to as_of_date, and those before
with periods as (

    select
        brand_id,
        period_grain,
        period_start,
        period_end,
        false as is_only_compared
    from {{ ref('int_audit_periods') }}
    where
        period_grain in ('year', 'trailing_year')
        and is_complete_period
        and period_start >= first_order_date

    union all

    select
        brand_id,
        period_grain,
        previous_period_start as period_start,
        {{ add_days('period_start', -1) }} as period_end,
        true as is_only_compared
    from {{ ref('int_audit_periods') }}
    where
        period_grain = 'trailing_year'
        and previous_period_start >= first_order_date

),

-- customers with the same revenue share a rank, so a row for each amount is enough
amounts as (

    select
        brand_id,
        period_grain,
        period_start,
        net_revenue,
        count(*) as customers
    from {{ ref('fct_customer_years') }}
    group by brand_id, period_grain, period_start, net_revenue

),

amounts_of_periods as (

    select
        amounts.*,
        periods.period_end,
        periods.is_only_compared
    from amounts
    inner join periods
        on
            amounts.brand_id = periods.brand_id
            and amounts.period_grain = periods.period_grain
            and amounts.period_start = periods.period_start

),

ranked as (

    select
        *,
        cast(1 - customers + sum(customers) over (
            partition by brand_id, period_grain, period_start
            order by net_revenue desc rows between unbounded preceding and current row
        ) as bigint) as revenue_rank,
        cast(sum(customers) over (partition by brand_id, period_grain, period_start) as bigint) as customers_of_period
    from amounts_of_periods

)

select
    brand_id,
    period_grain,
    period_start,
    period_end,
    is_only_compared,
    net_revenue,
    customers,
    revenue_rank,
    customers_of_period,
    cast(
        {{ least('10', '1 + floor(' ~ ratio('10 * (revenue_rank - 1)', 'customers_of_period') ~ ')') }} as bigint
    ) as decile
from ranked
