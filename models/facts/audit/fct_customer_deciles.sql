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

ranked as (

    select
        customers.brand_id,
        customers.customer_id,
        customers.period_grain,
        customers.period_start,
        periods.period_end,
        periods.is_only_compared,
        customers.first_order_date,
        customers.last_order_date_of_period,
        customers.orders,
        customers.net_revenue,
        rank() over (
            partition by customers.brand_id, customers.period_grain, customers.period_start
            order by customers.net_revenue desc
        ) as revenue_rank,
        count(*) over (partition by customers.brand_id, customers.period_grain, customers.period_start)
            as customers_of_period
    from {{ ref('fct_customer_periods') }} as customers
    inner join periods
        on
            customers.brand_id = periods.brand_id
            and customers.period_grain = periods.period_grain
            and customers.period_start = periods.period_start
    -- the join says so, too; said here, the view groups no months
    where customers.period_grain in ('year', 'trailing_year')

)

select
    brand_id,
    customer_id,
    period_grain,
    period_start,
    period_end,
    is_only_compared,
    first_order_date,
    last_order_date_of_period,
    orders,
    net_revenue,
    revenue_rank,
    customers_of_period,
    cast(
        {{ least('10', '1 + floor(' ~ ratio('10 * (revenue_rank - 1)', 'customers_of_period') ~ ')') }} as bigint
    ) as decile
from ranked
