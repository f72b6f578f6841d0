{#- the loops: the terms of the series, and the twelve months of a year -#}
{#-
    For a given x, the expected orders of a customer who is still there depend on T only through s = 1 / (alpha + T),
    and smoothly. So they are computed once per x and interval of s, as a power series around its middle, and evaluated
    there for each T. An interval runs from 1.5^n to 1.5^(n + 1) in alpha + T, so that s is within a fifth of the
    middle. Apart from the sign, the series' terms are a mean over p of the probabilities of k orders in a negative
    binomial distribution, divided by p, times a fifth to the k at most: what is left out after fifteen of them is below
    1e-11 of the whole.
-#}
{%- set degree = 15 -%}
{%- set columns = ['expected_orders_30d', 'expected_orders_90d', 'expected_orders_365d', 'discounted_orders_365d'] -%}
{%- set log_rate = 'ln(1e0 + ' ~ brand_value('annual_discount_rate', 'middles.brand_id') ~ ')' -%}

with parameters as (

    select * from {{ ref('fct_clv_parameters') }}
    where r is not null and model = {{ brand_value('clv.model') }}

),

histories as (

    select distinct
        brand_id,
        cut_days,
        x,
        observed_days
    from {{ ref('int_clv_groups') }}

),

placed as (

    select
        histories.brand_id,
        histories.cut_days,
        histories.x,
        histories.observed_days,
        parameters.r + histories.x as r_x,
        parameters.alpha + histories.observed_days as at_end,
        floor(ln(parameters.alpha + histories.observed_days) / ln(1.5e0)) as stretch
    from histories
    inner join parameters
        on histories.brand_id = parameters.brand_id and histories.cut_days = parameters.cut_days

),

stretches as (

    select distinct
        brand_id,
        cut_days,
        x,
        r_x,
        stretch
    from placed

),

-- the mean of 1 / 1.5^n and 1 / 1.5^(n + 1) is 1 / (1.2 * 1.5^n)
middles as (

    select
        *,
        -- a number in place of four columns: 30 terms are grouped and joined by it
        row_number() over (order by brand_id, cut_days, x, stretch) as middle_id,
        1.2e0 * exp(stretch * ln(1.5e0)) as at_middle
    from stretches

),

-- in days; a back-test looks ahead for its own horizon alone
horizons as (
    {% for cut_days, horizon in [[0, 30], [0, 90]] + clv_backtests() %}
    select
        {{ cut_days }} as cut_days,
        0 as twelfth,
        cast({{ horizon }} as {{ type_double() }}) as horizon
    union all
    {%- endfor %}
    {%- for twelfth in range(1, 13) %}
    select
        0 as cut_days,
        {{ twelfth }} as twelfth,
        cast({{ 365 * twelfth }} as {{ type_double() }}) / 12e0 as horizon
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

nodes as (

    select
        middles.middle_id,
        middles.r_x,
        horizons.twelfth,
        horizons.horizon,
        nodes.p,
        nodes.weight,
        nodes.p * horizons.horizon / middles.at_middle as u
    from middles
    inner join horizons
        on middles.cut_days = horizons.cut_days
    inner join {{ ref('int_clv_nodes') }} as nodes
        on middles.brand_id = nodes.brand_id and middles.cut_days = nodes.cut_days and middles.x = nodes.x
    {{ optimization_fence() }}

),

chances as (

    select
        *,
        exp({{ greatest('-r_x * ln(1e0 + u)', '-300e0') }}) as no_order,
        u / (1e0 + u) as chance,
        -- the powers of a smaller one may be beyond the range of a double, and add nothing
        case when u > 1e-16 then u / (1e0 + u) else 0e0 end as chance_of_powers
    from nodes
    {{ optimization_fence() }}

),

powers as (

    select
        middle_id,
        r_x,
        twelfth,
        horizon,
        weight * {{ expected_orders_if_there('r_x', 'p', 'u', 'no_order') }} as orders,
        weight / p * no_order as weight,
        chance as chance_1,
        chance_of_powers * chance_of_powers as chance_2,
        chance_of_powers * chance_of_powers * chance_of_powers * chance_of_powers as chance_4,
        chance_of_powers * chance_of_powers * chance_of_powers * chance_of_powers
        * chance_of_powers * chance_of_powers * chance_of_powers * chance_of_powers as chance_8
    from chances
    {{ optimization_fence() }}

),

-- (r + x) (r + x + 1) … (r + x + k - 1) / k! * chance^k * (1 - chance)^(r + x), its mean over p
terms as (

    select
        middle_id,
        twelfth,
        horizon,
        sum(orders) as term_0
        {%- for k in range(1, degree + 1) %},
        {% for j in range(k) %}(r_x + {{ j }}e0) / {{ j + 1 }}e0 * {% endfor -%}
        sum(weight
            {%- for power in [1, 2, 4, 8] if (k // power) % 2 == 1 %} * chance_{{ power }}{% endfor %}) as term_{{ k }}
        {%- endfor %}
    from powers
    group by middle_id, r_x, twelfth, horizon

),

-- orders of each twelfth of a year, discounted from its end: the sum up to that end at its discount, less the part the
-- next twelfth discounts again
discounts as (

    select
        middles.brand_id,
        middles.cut_days,
        middles.x,
        middles.stretch,
        middles.at_middle,
        terms.twelfth,
        terms.horizon,
        {%- for k in range(degree + 1) %}
        terms.term_{{ k }},
        {%- endfor %}
        case
            when terms.twelfth = 0 then 0e0
            when terms.twelfth = 12 then exp(-{{ log_rate }})
            else exp(-terms.twelfth / 12e0 * {{ log_rate }}) - exp(-(terms.twelfth + 1) / 12e0 * {{ log_rate }})
        end as discount
    from terms
    inner join middles
        on terms.middle_id = middles.middle_id
    {{ optimization_fence() }}

),

series as (

    select
        brand_id,
        cut_days,
        x,
        stretch,
        at_middle
        {%- for k in range(degree + 1) %},
        sum(case when horizon = 30e0 then term_{{ k }} end) as expected_orders_30d_{{ k }},
        sum(case when horizon = 90e0 then term_{{ k }} end) as expected_orders_90d_{{ k }},
        sum(case when horizon = 365e0 then term_{{ k }} end) as expected_orders_365d_{{ k }},
        sum(case when twelfth > 0 then discount * term_{{ k }} end) as discounted_orders_365d_{{ k }}
        {%- endfor %}
    from discounts
    group by brand_id, cut_days, x, stretch, at_middle

),

ready as (

    select
        series.*,
        placed.observed_days,
        1e0 - series.at_middle / placed.at_end as away
    from placed
    inner join series
        on
            placed.brand_id = series.brand_id
            and placed.cut_days = series.cut_days
            and placed.x = series.x
            and placed.stretch = series.stretch
    {{ optimization_fence() }}

)

select
    brand_id,
    cut_days,
    x,
    observed_days
    {%- for column in columns %},
    {{ column }}_0
    {%- for k in range(1, degree + 1) %} {{ '-' if loop.first else '+' }} away * ({{ column }}_{{ k }}{% endfor -%}
    {{ ')' * degree }} as {{ column }}
    {%- endfor %}
from ready
