{#-
    Expectations over the chance to leave, p, of a customer who is there: a beta distribution with a and b + the chances to
    leave that the customer has let pass, x with BG/NBD and x + 1 with MBG/NBD. Its density in y = ln(p / (1 - p)) falls off
    exponentially on both sides of its mode, so that the trapezoid rule over y = peak + width * sinh(i * 0.065) is exact to
    ten digits (nine where a or b is small) with some 110 nodes, and more where a is small.
-#}
{%- set first_day = "cast('2000-01-01' as date)" -%}

with parameters as (

    select * from {{ ref('fct_clv_parameters') }}
    where r is not null and model = {{ brand_value('clv.model') }}

),

histories as (

    select distinct
        brand_id,
        cut_days,
        x
    from {{ ref('int_clv_groups') }}

),

-- whole numbers, counted as days from an arbitrary date: see int_clv_repeat_counts
numbered_days as (

    {{ dates_between('(select 1 as one) as one_row', [], first_day, add_days(first_day, 528), 'day', 'number_day') }}

),

steps as (

    select 0.065e0 * cast({{ dbt.datediff(first_day, 'number_day', 'day') }} - 264 as {{ type_double() }}) as step
    from numbered_days

),

betas as (

    select
        histories.brand_id,
        histories.cut_days,
        histories.x,
        parameters.a,
        parameters.b + histories.x + {{ early_chances('parameters.model') }} as b_x
    from histories
    inner join parameters
        on histories.brand_id = parameters.brand_id and histories.cut_days = parameters.cut_days

),

placed as (

    select
        betas.*,
        ln((exp(steps.step) + exp(-steps.step)) / 2e0) as log_slope,
        ln(betas.a / betas.b_x)
        + 2e0 * {{ least('1e0', 'sqrt(1e0 / betas.a + 1e0 / betas.b_x)') }}
        * (exp(steps.step) - exp(-steps.step)) / 2e0 as y
    from betas
    cross join steps
    {{ optimization_fence() }}

),

densities as (

    select
        *,
        -{{ greatest('-y', '0e0') }} - ln(1e0 + {{ clamped_exp('-abs(y)') }}) as log_p,
        -{{ greatest('y', '0e0') }} - ln(1e0 + {{ clamped_exp('-abs(y)') }}) as log_q
    from placed
    {{ optimization_fence() }}

),

weighed as (

    select
        *,
        a * log_p + b_x * log_q + log_slope as log_weight,
        max(a * log_p + b_x * log_q + log_slope) over (partition by brand_id, cut_days, x) as log_largest
    from densities

),

near as (

    select
        brand_id,
        cut_days,
        x,
        {{ clamped_exp('log_p') }} as p,
        {{ clamped_exp('log_weight - log_largest') }} as weight
    from weighed
    where log_weight - log_largest > -35e0

)

select
    brand_id,
    cut_days,
    x,
    p,
    weight / sum(weight) over (partition by brand_id, cut_days, x) as weight
from near
