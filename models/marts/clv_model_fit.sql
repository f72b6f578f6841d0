with parameters as (

    select * from {{ ref('fct_clv_parameters') }}

),

-- per customer: the prediction of 90 days ago, the actual order dates since, and those of the 90 days before
predicted as (

    select
        brand_id,
        actual_order_days,
        expected_orders_90d - actual_order_days as model_error,
        cast(naive_order_days - actual_order_days as {{ type_double() }}) as naive_error,
        expected_orders_90d
    from {{ ref('fct_clv_predictions') }}
    where cut = 'backtest' and expected_orders_90d is not null

),

tested as (

    select
        brand_id,
        sum(actual_order_days) as actual_orders,
        sum(expected_orders_90d) as predicted_orders,
        {{ ratio('sum(model_error)', 'sum(actual_order_days)') }} as total_error,
        avg(abs(model_error)) as customer_mae,
        sqrt(avg(model_error * model_error)) as customer_rmse,
        {{ ratio('sum(naive_error)', 'sum(actual_order_days)') }} as naive_total_error,
        avg(abs(naive_error)) as naive_customer_mae,
        sqrt(avg(naive_error * naive_error)) as naive_customer_rmse
    from predicted
    group by brand_id
    having sum(actual_order_days) > 0

)

select
    parameters.brand_id,
    parameters.r,
    parameters.alpha,
    parameters.a,
    parameters.b,
    parameters.p,
    parameters.q,
    parameters.v,
    parameters.bgnbd_log_likelihood,
    parameters.gamma_gamma_log_likelihood,
    parameters.customers,
    parameters.repeat_customers,
    parameters.bgnbd_iterations,
    parameters.gamma_gamma_iterations,
    parameters.fit_status,
    parameters.gamma_gamma_status,
    parameters.fitted_as_of,
    cast(tested.actual_orders as bigint) as backtest_actual_orders,
    tested.predicted_orders as backtest_predicted_orders,
    tested.total_error as backtest_error,
    tested.customer_mae as backtest_customer_mae,
    tested.customer_rmse as backtest_customer_rmse,
    tested.naive_total_error as backtest_naive_error,
    tested.naive_customer_mae as backtest_naive_customer_mae,
    tested.naive_customer_rmse as backtest_naive_customer_rmse
from parameters
left join tested
    on parameters.brand_id = tested.brand_id
where parameters.cut = 'as_of_date'
