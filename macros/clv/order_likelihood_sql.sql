{#
    The likelihood of x, t_x, T is G(r + x) / G(r) * B(a, b + n) / B(a, b) * alpha^r * (alpha + T)^-(r + x) * (1 + e^u)
    with n = x + early_chances occasions to leave, e^u being the odds of having left, 0 where n is. Customers alike in
    x, t_x and T are one term of its logarithm.
#}
{% macro order_likelihood_sql(fits, values_of) -%}
{%- set double = type_double() -%}
with fits as (

    -- text becomes the very double that it shows, in every engine
    {%- set rows = [] %}
    {%- for fit in fits %}
    {%- set numbers = [fit.early_chances, fit.scale] + values_of[fit.id] + fit.trial[1:3] %}
    {%- set texts = [] %}
    {%- for number in numbers %}{% do texts.append("'" ~ number ~ "'") %}{% endfor %}
    {%- do rows.append([fit.id, sql_text(fit.brand_id), fit.cut_days] + texts) %}
    {%- endfor %}
    {%- set names = ['early_chances', 'scale', 'r', 'alpha', 'a', 'b', 'log_alpha', 'log_a'] %}
    select * from {{ values_table(rows, 'fits', ['fit_id', 'brand_id', 'cut_days'] + names) }}

),

parameters as (

    select
        fit_id,
        brand_id,
        cut_days,
        {%- for name in names %}
        cast({{ name }} as {{ double }}) as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from fits

),

terms as (

    select
        parameters.fit_id,
        parameters.a,
        parameters.b,
        parameters.log_a,
        cast(alike.customers as {{ double }}) as n,
        alike.x + parameters.early_chances as chances,
        parameters.r + alike.x as r_x,
        parameters.alpha + parameters.scale * alike.observed_days as at_end,
        parameters.alpha + parameters.scale * alike.t_x as at_last
    from parameters
    inner join {{ fits[0].data }} as alike
        on parameters.brand_id = alike.brand_id and parameters.cut_days = alike.cut_days
    {{ optimization_fence() }}

),

logs as (

    select
        *,
        ln(at_end) as log_end,
        ln(at_end) - ln(at_last) as u_r,
        1e0 / at_end as per_end,
        1e0 / at_last as per_last,
        case when chances > 0 then 1e0 / (b + chances - 1e0) else 0e0 end as per_b
    from terms
    {{ optimization_fence() }}

),

-- u, the log-odds of having left, with its derivatives u_r and u_alpha
odds as (

    select
        *,
        r_x * (per_end - per_last) as u_alpha,
        case when chances > 0 then r_x * u_r + log_a + ln(per_b) end as u
    from logs
    {{ optimization_fence() }}

),

tails as (

    select
        *,
        {{ clamped_exp('-abs(u)') }} as tail
    from odds
    {{ optimization_fence() }}

),

-- w, the chance of having left
weighed as (

    select
        *,
        case when u is null then 0e0 when u > 0 then n / (1e0 + tail) else n * tail / (1e0 + tail) end as n_w,
        case when u is null then 0e0 else n * tail / ((1e0 + tail) * (1e0 + tail)) end as n_w_not_w,
        case when u is null then 0e0 else {{ greatest('u', '0e0') }} + ln(1e0 + tail) end as log_1_plus_odds
    from tails
    {{ optimization_fence() }}

),

data_sums as (

    select
        fit_id,
        sum(n) as n,
        sum(n * (log_1_plus_odds - r_x * log_end)) as value,
        sum(n_w * u_r - n * log_end) as g_r,
        sum(n_w * u_alpha - n * r_x * per_end) as g_alpha,
        sum(n_w) as g_a,
        sum(n_w * per_b) as g_b,
        sum(n_w_not_w * u_r * u_r) as h_r_r,
        sum(n_w * (per_end - per_last) - n * per_end + n_w_not_w * u_r * u_alpha) as h_r_alpha,
        sum(n_w_not_w * u_r) as h_r_a,
        sum(n_w_not_w * u_r * per_b) as h_r_b,
        sum(r_x * (n * per_end * per_end + n_w * (per_last * per_last - per_end * per_end))
            + n_w_not_w * u_alpha * u_alpha) as h_alpha_alpha,
        sum(n_w_not_w * u_alpha) as h_alpha_a,
        sum(n_w_not_w * u_alpha * per_b) as h_alpha_b,
        sum(n_w - n_w_not_w) as h_a_a,
        sum(n_w_not_w * per_b) as h_a_b,
        sum((n_w + n_w_not_w) * per_b * per_b) as h_b_b
    from weighed
    group by fit_id

),

-- the gamma functions: x is whole, so their ratios are products over j < x
counted as (

    select
        parameters.fit_id,
        counts.customers as n,
        parameters.r + counts.j as r_j,
        parameters.b + parameters.early_chances + counts.j as b_j,
        parameters.a + parameters.b + parameters.early_chances + counts.j as ab_j
    from parameters
    inner join {{ fits[0].repeat_counts }} as counts
        on parameters.brand_id = counts.brand_id and parameters.cut_days = counts.cut_days
    {{ optimization_fence() }}

),

-- an early chance to leave is everybody's, so that it goes before the others with as many customers as there are
all_counted as (

    select
        fit_id,
        n,
        n as n_r,
        r_j,
        b_j,
        ab_j
    from counted

    union all

    select
        data_sums.fit_id,
        data_sums.n,
        0e0 as n_r,
        1e0 as r_j,
        parameters.b as b_j,
        parameters.a + parameters.b as ab_j
    from data_sums
    inner join parameters
        on data_sums.fit_id = parameters.fit_id
    where parameters.early_chances > 0

),

count_sums as (

    select
        fit_id,
        sum(n_r * ln(r_j) + n * (ln(b_j) - ln(ab_j))) as value,
        sum(n_r / r_j) as g_r,
        sum(n / ab_j) as g_ab,
        sum(n / b_j) as g_b,
        sum(n_r / (r_j * r_j)) as h_r,
        sum(n / (ab_j * ab_j)) as h_ab,
        sum(n / (b_j * b_j)) as h_b
    from all_counted
    group by fit_id

)

select
    parameters.fit_id,
    data_sums.value + count_sums.value + data_sums.n * r * log_alpha as value,
    data_sums.g_r + count_sums.g_r + data_sums.n * log_alpha as g_r,
    data_sums.g_alpha + data_sums.n * r / alpha as g_alpha,
    data_sums.g_a / a - count_sums.g_ab as g_a,
    -data_sums.g_b + count_sums.g_b - count_sums.g_ab as g_b,
    data_sums.h_r_r - count_sums.h_r as h_r_r,
    data_sums.h_r_alpha + data_sums.n / alpha as h_r_alpha,
    data_sums.h_r_a / a as h_r_a,
    -data_sums.h_r_b as h_r_b,
    data_sums.h_alpha_alpha - data_sums.n * r / (alpha * alpha) as h_alpha_alpha,
    data_sums.h_alpha_a / a as h_alpha_a,
    -data_sums.h_alpha_b as h_alpha_b,
    -data_sums.h_a_a / (a * a) + count_sums.h_ab as h_a_a,
    -data_sums.h_a_b / a + count_sums.h_ab as h_a_b,
    data_sums.h_b_b + count_sums.h_ab - count_sums.h_b as h_b_b
from parameters
inner join data_sums
    on parameters.fit_id = data_sums.fit_id
inner join count_sums
    on parameters.fit_id = count_sums.fit_id
{%- endmacro %}
