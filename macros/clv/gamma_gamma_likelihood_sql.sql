{#
    The density of the mean m of x amounts is G(p x + q) / (G(p x) * G(q)) * v^q * m^(p x - 1) * x^(p x) /
    (v + x m)^(p x + q).
#}
{% macro gamma_gamma_likelihood_sql(fits, values_of) -%}
{%- set double = type_double() -%}
with fits as (

    -- text becomes the very double that it shows, in every engine
    {%- set rows = [] %}
    {%- for fit in fits %}
    {%- set texts = [] %}
    {%- for number in [fit.scale] + values_of[fit.id] %}{% do texts.append("'" ~ number ~ "'") %}{% endfor %}
    {%- do rows.append([fit.id, sql_text(fit.brand_id), fit.cut_days] + texts) %}
    {%- endfor %}
    select * from {{ values_table(rows, 'fits', ['fit_id', 'brand_id', 'cut_days', 'scale', 'p', 'q', 'v']) }}

),

parameters as (

    select
        fit_id,
        brand_id,
        cut_days,
        {%- for name in ['scale', 'p', 'q', 'v'] %}
        cast({{ name }} as {{ double }}) as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from fits

),

terms as (

    select
        parameters.*,
        cast(amounts.customers as {{ double }}) as n,
        cast(amounts.x as {{ double }}) as x,
        amounts.mean_value / parameters.scale as m,
        amounts.x * amounts.mean_value / parameters.scale as total,
        parameters.v + amounts.x * amounts.mean_value / parameters.scale as z
    from parameters
    inner join {{ fits[0].data }} as amounts
        on parameters.brand_id = amounts.brand_id and parameters.cut_days = amounts.cut_days

),

data_sums as (

    select
        fit_id,
        -- z / total and z / v, not z: where p is large, everything hangs on how near they are to one
        sum(n * (q * ln(v) - ln(m) - q * ln(total) - (p * x + q) * ln(1e0 + v / total))) as value,
        -sum(n * x * ln(1e0 + v / total)) as g_p,
        -sum(n * ln(1e0 + total / v)) as g_q,
        sum(n * (q / v - (p * x + q) / z)) as g_v,
        -sum(n * x / z) as h_p_v,
        sum(n * (1e0 / v - 1e0 / z)) as h_q_v,
        sum(n * ((p * x + q) / (z * z) - q / (v * v))) as h_v_v
    from terms
    group by fit_id

),

-- the gamma functions depend on x alone
by_x as (

    select
        fit_id,
        x,
        p * x as px,
        q,
        sum(n) as n
    from terms
    group by fit_id, x, p, q

),

trigammas as (

    select
        *,
        {{ trigamma('px') }} as trigamma_px,
        {{ trigamma('q') }} as trigamma_q,
        {{ trigamma('(px + q)') }} as trigamma_px_q
    from by_x
    {{ optimization_fence() }}

),

gammas as (

    select
        fit_id,
        sum(n * ({{ log_gamma_growth('px', 'q') }} - {{ log_gamma_growth('1e0', '(q - 1e0)') }})) as value,
        sum(n * x * {{ digamma_growth('px', 'q') }}) as g_p,
        sum(n * {{ digamma_growth('q', 'px') }}) as g_q,
        sum(n * x * x * (trigamma_px_q - trigamma_px)) as h_p_p,
        sum(n * x * trigamma_px_q) as h_p_q,
        sum(n * (trigamma_px_q - trigamma_q)) as h_q_q
    from trigammas
    group by fit_id

)

select
    data_sums.fit_id,
    data_sums.value + gammas.value as value,
    data_sums.g_p + gammas.g_p as g_p,
    data_sums.g_q + gammas.g_q as g_q,
    data_sums.g_v,
    gammas.h_p_p,
    gammas.h_p_q,
    data_sums.h_p_v,
    gammas.h_q_q,
    data_sums.h_q_v,
    data_sums.h_v_v
from data_sums
inner join gammas
    on data_sums.fit_id = gammas.fit_id
{%- endmacro %}
