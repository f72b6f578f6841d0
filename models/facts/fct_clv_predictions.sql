{{ config(materialized='view') }}

{#- each of its two readers takes the rows of one cut, once: storing them for both took most of the time -#}

with histories as (

    select * from {{ ref('fct_clv_histories') }}

),

parameters as (

    select * from {{ ref('fct_clv_parameters') }}

),

spend as (

    select
        brand_id,
        p,
        q,
        v,
        gamma_gamma_status
    from parameters
    where cut = 'as_of_date'

),

-- the log-odds of having left after the last order
odds as (

    select
        histories.*,
        parameters.r,
        parameters.fit_status,
        case
            when histories.x > 0
                then
                    (parameters.r + histories.x)
                    * (ln(parameters.alpha + histories.observed_days) - ln(parameters.alpha + histories.t_x))
                    + ln(parameters.a) - ln(parameters.b + histories.x - 1)
        end as u
    from histories
    left join parameters
        on histories.brand_id = parameters.brand_id and histories.cut = parameters.cut

),

alive as (

    select
        *,
        case
            when r is null then null
            when u is null then 1e0
            else 1e0 / (1e0 + {{ clamped_exp('u') }})
        end as p_alive
    from odds

)

select
    alive.brand_id,
    alive.customer_id,
    alive.cut,
    alive.actual_order_days,
    alive.naive_order_days,
    alive.p_alive,
    alive.p_alive * expectations.expected_orders_30d as expected_orders_30d,
    alive.p_alive * expectations.expected_orders_90d as expected_orders_90d,
    alive.p_alive * expectations.expected_orders_365d as expected_orders_365d,
    alive.p_alive * expectations.discounted_orders_365d as discounted_orders_365d,
    case
        when alive.cut = 'as_of_date' and spend.q > 1
            then
                spend.p * (spend.v + coalesce(alive.x * alive.mean_value, 0))
                / (spend.p * alive.x + spend.q - 1)
    end as expected_order_value,
    alive.fit_status,
    spend.gamma_gamma_status
from alive
left join spend
    on alive.brand_id = spend.brand_id
left join {{ ref('fct_clv_expectations') }} as expectations
    on
        alive.brand_id = expectations.brand_id
        and alive.cut = expectations.cut
        and alive.x = expectations.x
        and alive.observed_days = expectations.observed_days
