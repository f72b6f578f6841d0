with periods as (

    select
        brand_id,
        period_grain,
        period_start,
        previous_period_start
    from {{ ref('int_audit_periods') }}
    where
        period_grain in ('year', 'trailing_year')
        and is_complete_period
        and previous_period_start >= first_order_date

),

-- the tenths of a period are where its customers moved to, and those of the one before where they came from
roles as (

    select
        brand_id,
        period_grain,
        period_start,
        period_start as start_of_decile,
        true as is_target
    from periods

    union all

    select
        brand_id,
        period_grain,
        period_start,
        previous_period_start as start_of_decile,
        false as is_target
    from periods

),

paired as (

    select
        roles.brand_id,
        roles.period_grain,
        roles.period_start,
        deciles.customer_id,
        min(deciles.first_order_date) as first_order_date,
        max(case when not roles.is_target then deciles.decile end) as from_decile,
        max(case when roles.is_target then deciles.decile end) as to_decile
    from roles
    inner join {{ ref('fct_customer_deciles') }} as deciles
        on
            roles.brand_id = deciles.brand_id
            and roles.period_grain = deciles.period_grain
            and roles.start_of_decile = deciles.period_start
    group by roles.brand_id, roles.period_grain, roles.period_start, deciles.customer_id

),

moved as (

    select
        paired.brand_id,
        paired.period_grain,
        paired.period_start,
        coalesce(paired.from_decile, case when paired.first_order_date >= paired.period_start then -1 else 0 end)
            as from_decile,
        coalesce(paired.to_decile, 0) as to_decile,
        paired.first_order_date < periods.previous_period_start as is_of_before
    from paired
    inner join periods
        on
            paired.brand_id = periods.brand_id
            and paired.period_grain = periods.period_grain
            and paired.period_start = periods.period_start

),

moves as (

    select
        brand_id,
        period_grain,
        period_start,
        from_decile,
        to_decile,
        count(*) as customers,
        count(case when is_of_before then 1 end) as customers_of_before
    from moved
    group by brand_id, period_grain, period_start, from_decile, to_decile

),

first_orders as (

    select
        brand_id,
        first_order_date,
        count(*) as customers
    from {{ ref('fct_customer_orders') }}
    group by brand_id, first_order_date

),

-- all whose first order lies before the period before: less those of them whom `moves` has seen, it is those who
-- ordered in neither
earlier_customers as (

    select
        periods.brand_id,
        periods.period_grain,
        periods.period_start,
        cast(sum(first_orders.customers) as bigint) as customers
    from periods
    inner join first_orders
        on
            periods.brand_id = first_orders.brand_id
            and periods.previous_period_start > first_orders.first_order_date
    group by periods.brand_id, periods.period_grain, periods.period_start

),

seen as (

    select
        brand_id,
        period_grain,
        period_start,
        sum(customers_of_before) as customers_of_before
    from moves
    group by brand_id, period_grain, period_start

),

pairs as (

    select
        periods.brand_id,
        periods.period_grain,
        periods.period_start,
        cast(origins.decile as bigint) as from_decile,
        cast(targets.decile as bigint) as to_decile
    from periods
    cross join {{ values_table(range(-1, 11), 'origins', 'decile') }}
    cross join {{ values_table(range(11), 'targets', 'decile') }}
    where origins.decile > -1 or targets.decile > 0

),

counted as (

    select
        pairs.brand_id,
        pairs.period_grain,
        pairs.period_start,
        pairs.from_decile,
        pairs.to_decile,
        case
            when pairs.from_decile = 0 and pairs.to_decile = 0
                then coalesce(earlier_customers.customers, 0) - coalesce(seen.customers_of_before, 0)
            else coalesce(moves.customers, 0)
        end as customers
    from pairs
    left join moves
        on
            pairs.brand_id = moves.brand_id
            and pairs.period_grain = moves.period_grain
            and pairs.period_start = moves.period_start
            and pairs.from_decile = moves.from_decile
            and pairs.to_decile = moves.to_decile
    left join earlier_customers
        on
            pairs.brand_id = earlier_customers.brand_id
            and pairs.period_grain = earlier_customers.period_grain
            and pairs.period_start = earlier_customers.period_start
    left join seen
        on
            pairs.brand_id = seen.brand_id
            and pairs.period_grain = seen.period_grain
            and pairs.period_start = seen.period_start

)

select
    brand_id,
    period_grain,
    period_start,
    from_decile,
    to_decile,
    cast(customers as bigint) as customers,
    {{ ratio(
        'customers', 'sum(customers) over (partition by brand_id, period_grain, period_start, from_decile)'
    ) }} as share_of_from
from counted
