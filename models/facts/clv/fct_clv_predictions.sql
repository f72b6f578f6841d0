{{ config(materialized='view') }}

{#- each of its readers takes the rows of one cut at a time: writing them for all took most of the time -#}

with histories as (

    select * from {{ ref('fct_clv_histories') }}

),

-- of the model that the brand uses
parameters as (

    select * from {{ ref('fct_clv_parameters') }}
    where model = {{ brand_value('clv.model') }}

),

fitted as (

    select
        histories.*,
        {{ clv_posterior_columns('histories', 'parameters') }},
        parameters.p,
        parameters.q,
        parameters.v,
        parameters.fit_status,
        parameters.gamma_gamma_status
    from histories
    left join parameters
        on histories.brand_id = parameters.brand_id and histories.cut_days = parameters.cut_days

),

alive as (

    select
        *,
        {{ chance_to_be_there() }} as p_alive
    from fitted

)

select
    alive.brand_id,
    alive.customer_id,
    alive.cut_days,
    alive.x,
    alive.actual_order_days_90d,
    alive.naive_order_days_90d,
    alive.actual_net_revenue_90d,
    alive.naive_net_revenue_90d,
    alive.actual_order_days_365d,
    alive.naive_order_days_365d,
    alive.actual_net_revenue_365d,
    alive.naive_net_revenue_365d,
    alive.rate_dates,
    alive.rate_days,
    alive.p_alive,
    {{ chance_to_order('alive.p_alive', 'alive.rate_dates', 'alive.rate_days', '90') }} as p_order_90d,
    {{ chance_to_order('alive.p_alive', 'alive.rate_dates', 'alive.rate_days', '365') }} as p_order_365d,
    alive.p_alive * expectations.expected_orders_30d as expected_orders_30d,
    alive.p_alive * expectations.expected_orders_90d as expected_orders_90d,
    alive.p_alive * expectations.expected_orders_365d as expected_orders_365d,
    alive.p_alive * expectations.discounted_orders_365d as discounted_orders_365d,
    case
        when alive.q > 1
            then alive.p * (alive.v + coalesce(alive.x * alive.mean_value, 0)) / (alive.p * alive.x + alive.q - 1)
    end as expected_order_value,
    alive.fit_status,
    alive.gamma_gamma_status
from alive
left join {{ ref('int_clv_expectations') }} as expectations
    on
        alive.brand_id = expectations.brand_id
        and alive.cut_days = expectations.cut_days
        and alive.x = expectations.x
        and alive.observed_days = expectations.observed_days
