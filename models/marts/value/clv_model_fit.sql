{%- set of_brand = 'partition by brand_id' -%}

with parameters as (

    select
        *,
        model = {{ brand_value('clv.model') }} as is_used
    from {{ ref('fct_clv_parameters') }}
    where cut_days = 0

),

-- the back-tests over all customers
backtests as (

    select
        backtests.*,
        {{ dbt.datediff('backtests.cut_date', 'as_of_date.as_of_date', 'day') }} as cut_days
    from {{ ref('clv_backtests') }} as backtests
    cross join {{ ref('as_of_date') }} as as_of_date
    where backtests.customer_group = 'all'

),

latest as (

    select * from backtests
    where cut_days = 90 and actual_orders > 0

),

errors as (

    select
        brand_id,
        min(orders_error) as lowest_error_90d,
        max(orders_error) as highest_error_90d,
        count(orders_error) as error_cuts,
        max(case when cut_days = 365 then {{ ratio('actual_orders', 'predicted_orders') }} end) as season_factor_90d
    from backtests
    where horizon_days = 90
    group by brand_id

),

-- Pearson's correlation of ln x and ln m; Gamma-Gamma takes for granted that there is none
log_values as (

    select
        brand_id,
        cast(customers as {{ type_double() }}) as n,
        ln(cast(x as {{ type_double() }})) as log_x,
        ln(mean_value) as log_m
    from {{ ref('int_clv_values') }}
    where cut_days = 0

),

centred as (

    select
        brand_id,
        n,
        log_x - (sum(n * log_x) over ({{ of_brand }})) / (sum(n) over ({{ of_brand }})) as log_x,
        log_m - (sum(n * log_m) over ({{ of_brand }})) / (sum(n) over ({{ of_brand }})) as log_m
    from log_values

),

correlations as (

    select
        brand_id,
        -- where all are alike, what is left is rounding, which also can take a correlation past 1
        case
            when sum(n * log_x * log_x) > 1e-18 * sum(n) and sum(n * log_m * log_m) > 1e-18 * sum(n)
                then {{ greatest('-1e0', least(
                    '1e0',
                    'sum(n * log_x * log_m) / (sqrt(sum(n * log_x * log_x)) * sqrt(sum(n * log_m * log_m)))'
                )) }}
        end as spend_correlation
    from centred
    group by brand_id

)

select
    parameters.brand_id,
    parameters.model,
    parameters.is_used,
    parameters.r,
    parameters.alpha,
    parameters.a,
    parameters.b,
    parameters.p,
    parameters.q,
    parameters.v,
    parameters.log_likelihood,
    parameters.gamma_gamma_log_likelihood,
    parameters.customers,
    parameters.repeat_customers,
    parameters.iterations,
    parameters.gamma_gamma_iterations,
    parameters.fit_status,
    parameters.gamma_gamma_status,
    parameters.fitted_as_of,
    correlations.spend_correlation,
    latest.actual_orders as backtest_actual_orders,
    latest.predicted_orders as backtest_predicted_orders,
    latest.orders_error as backtest_error,
    latest.customer_mae as backtest_customer_mae,
    latest.customer_rmse as backtest_customer_rmse,
    latest.naive_orders_error as backtest_naive_error,
    latest.naive_customer_mae as backtest_naive_customer_mae,
    latest.naive_customer_rmse as backtest_naive_customer_rmse,
    errors.lowest_error_90d,
    errors.highest_error_90d,
    case when parameters.is_used then coalesce(errors.error_cuts, 0) end as error_cuts,
    errors.season_factor_90d
from parameters
left join correlations
    on parameters.brand_id = correlations.brand_id
left join latest
    on parameters.brand_id = latest.brand_id and parameters.is_used
left join errors
    on parameters.brand_id = errors.brand_id and parameters.is_used
