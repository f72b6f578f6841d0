{#
    BG/NBD by maximum likelihood, for all brands and cuts at once (Fader, Hardie and Lee 2005). Three starts, since some
    samples have several optima, go up over the coarse groups; from the best the fit goes on over the exact ones.
    Takes: the relations of the exact and the coarse groups and of the repeat counts, the wanted ['brand|cut', ...] and
    the fewest repeat customers. Gives: a dict from 'brand|cut' to {brand_id, cut, customers,
    repeat_customers, status, parameters, value, iterations}, in days.
#}
{% macro fit_bgnbd(groups, coarse_groups, repeat_counts, wanted, min_repeat_customers) %}
    {% set results = {} %}
    {% set fits = [] %}
    {#- r, alpha, a, b, as logarithms -#}
    {% set starts = [[0.0, 0.0, 0.0, 0.0], [-1.0, 1.0, -2.0, 1.0], [1.0, 1.0, -1.0, 2.0]] %}
    {% for row in run_query(bgnbd_samples_sql(groups)) %}
        {% set group = [row['brand_id'], row['cut']] | join('|') %}
        {% if group in wanted %}
            {% set result = {
                'brand_id': row['brand_id'], 'cut': row['cut'],
                'customers': row['customers'] | int, 'repeat_customers': row['repeat_customers'] | int,
                'status': 'too_few_repeat_customers', 'parameters': none, 'value': none, 'iterations': none,
            } %}
            {% do results.update({group: result}) %}
            {% if result.repeat_customers >= min_repeat_customers and result.repeat_customers > 0 %}
                {% set scale = 10.0 / ([row['longest'] | float, 1.0] | max) %}
                {% for start in starts %}
                    {% do fits.append({
                        'id': fits | length, 'group': group, 'brand_id': row['brand_id'], 'cut': row['cut'],
                        'theta': start, 'scale': scale, 'total_x': row['total_x'] | float,
                        'log_scale': row['log_scale'] | float, 'groups': coarse_groups, 'repeat_counts': repeat_counts,
                    }) %}
                {% endfor %}
            {% endif %}
        {% endif %}
    {% endfor %}

    {% set exact_fits = [] %}
    {% set coarse_iterations = {} %}
    {% for group, fit in best_fits(newton_fits(fits, evaluate_bgnbd)).items() %}
        {% do coarse_iterations.update({group: fit.iterations}) %}
        {% do fit.update({'groups': groups}) %}
        {% do exact_fits.append(fit) %}
    {% endfor %}

    {% for group, fit in best_fits(newton_fits(exact_fits, evaluate_bgnbd)).items() %}
        {% set values = [] %}
        {% for theta in fit.theta %}{% do values.append(natural_exp(theta)) %}{% endfor %}
        {% do results[group].update({
            'status': fit.status, 'iterations': coarse_iterations[group] + fit.iterations,
            'parameters': {
                'r': values[0], 'alpha': values[1] / fit.scale, 'a': values[2], 'b': values[3],
            } if fit.status != 'not_converged' else none,
            'value': fit.value + fit.total_x * fit.log_scale if fit.status != 'not_converged' else none,
        }) %}
    {% endfor %}
    {{ return(results) }}
{% endmacro %}

{# What a fit has to know of its sample beforehand. Time is scaled so that the largest T is 10. #}
{% macro bgnbd_samples_sql(groups) -%}
    select
        brand_id,
        cut,
        sum(customers) as customers,
        coalesce(sum(customers) filter (where x > 0), 0) as repeat_customers,
        max(observed_days) as longest,
        sum(customers * x) as total_x,
        ln(10e0 / greatest(max(observed_days), 1)) as log_scale
    from {{ groups }}
    group by brand_id, cut
    order by brand_id, cut
{%- endmacro %}

{# Log-likelihood, gradient and Hessian of all fits at their trial parameters, by one query. #}
{% macro evaluate_bgnbd(fits) %}
    {{ return(evaluate_fits(fits, ['r', 'alpha', 'a', 'b'], bgnbd_likelihood_sql)) }}
{% endmacro %}

{#
    The likelihood of x, t_x, T is G(r + x) / G(r) * B(a, b + x) / B(a, b) * alpha^r * (alpha + T)^-(r + x) * (1 + e^u),
    e^u being the odds of having left: 0 for x = 0. Customers alike in x, t_x and T are one term of its logarithm.
#}
{% macro bgnbd_likelihood_sql(fits, values_of) -%}
with parameters as (

    {% for fit in fits -%}
    select
        {{ fit.id }} as fit_id,
        {{ sql_text(fit.brand_id) }} as brand_id,
        {{ sql_text(fit.cut) }} as cut,
        {{ double_literal(fit.scale) }} as scale,
        {{ double_literal(values_of[fit.id][0]) }} as r,
        {{ double_literal(values_of[fit.id][1]) }} as alpha,
        {{ double_literal(values_of[fit.id][2]) }} as a,
        {{ double_literal(values_of[fit.id][3]) }} as b
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- L_alpha and the like are the derivatives of the log-odds of having left, u
terms as (

    select
        parameters.*,
        cast(groups.customers as {{ type_double() }}) as n,
        cast(groups.x as {{ type_double() }}) as x,
        parameters.alpha + parameters.scale * groups.observed_days as at_end,
        parameters.alpha + parameters.scale * groups.t_x as at_last
    from parameters
    inner join {{ fits[0].groups }} as groups
        on parameters.brand_id = groups.brand_id and parameters.cut = groups.cut

),

odds as (

    select
        *,
        ln(at_end) - ln(at_last) as u_r,
        (r + x) * (1e0 / at_end - 1e0 / at_last) as u_alpha,
        1e0 / at_end - 1e0 / at_last as u_r_alpha,
        (r + x) * (1e0 / (at_last * at_last) - 1e0 / (at_end * at_end)) as u_alpha_alpha,
        case when x > 0 then 1e0 / (b + x - 1e0) else 0e0 end as u_b,
        case when x > 0 then (r + x) * (ln(at_end) - ln(at_last)) + ln(a) - ln(b + x - 1e0) end as u
    from terms

),

weighed as (

    select
        *,
        case when u is null then 0e0 else 1e0 / (1e0 + {{ clamped_exp('-u') }}) end as w,
        case
            when u is null then 0e0
            else greatest(u, 0e0) + ln(1e0 + {{ clamped_exp('-abs(u)') }})
        end as log_1_plus_odds
    from odds

),

data_sums as (

    select
        fit_id,
        sum(n * (r * ln(alpha) - (r + x) * ln(at_end) + log_1_plus_odds)) as value,
        sum(n * (ln(alpha) - ln(at_end) + w * u_r)) as g_r,
        sum(n * (r / alpha - (r + x) / at_end + w * u_alpha)) as g_alpha,
        sum(n * w / a) as g_a,
        -sum(n * w * u_b) as g_b,
        sum(n * w * (1e0 - w) * u_r * u_r) as h_r_r,
        sum(n * (1e0 / alpha - 1e0 / at_end + w * u_r_alpha + w * (1e0 - w) * u_r * u_alpha)) as h_r_alpha,
        sum(n * w * (1e0 - w) * u_r / a) as h_r_a,
        -sum(n * w * (1e0 - w) * u_r * u_b) as h_r_b,
        sum(n * (
            -r / (alpha * alpha) + (r + x) / (at_end * at_end) + w * u_alpha_alpha
            + w * (1e0 - w) * u_alpha * u_alpha
        )) as h_alpha_alpha,
        sum(n * w * (1e0 - w) * u_alpha / a) as h_alpha_a,
        -sum(n * w * (1e0 - w) * u_alpha * u_b) as h_alpha_b,
        -sum(n * w * w / (a * a)) as h_a_a,
        -sum(n * w * (1e0 - w) * u_b / a) as h_a_b,
        sum(n * w * (2e0 - w) * u_b * u_b) as h_b_b
    from weighed
    group by fit_id

),

-- the gamma functions: x is whole, so their ratios are products over j < x
count_sums as (

    select
        parameters.fit_id,
        sum(counts.customers * (
            ln(parameters.r + counts.j) + ln(parameters.b + counts.j) - ln(parameters.a + parameters.b + counts.j)
        )) as value,
        sum(counts.customers / (parameters.r + counts.j)) as g_r,
        sum(counts.customers / (parameters.a + parameters.b + counts.j)) as g_ab,
        sum(counts.customers / (parameters.b + counts.j)) as g_b,
        sum(counts.customers / ((parameters.r + counts.j) * (parameters.r + counts.j))) as h_r,
        sum(counts.customers / (
            (parameters.a + parameters.b + counts.j) * (parameters.a + parameters.b + counts.j)
        )) as h_ab,
        sum(counts.customers / ((parameters.b + counts.j) * (parameters.b + counts.j))) as h_b
    from parameters
    inner join {{ fits[0].repeat_counts }} as counts
        on parameters.brand_id = counts.brand_id and parameters.cut = counts.cut
    group by parameters.fit_id

)

select
    data_sums.fit_id,
    data_sums.value + count_sums.value as value,
    data_sums.g_r + count_sums.g_r as g_r,
    data_sums.g_alpha,
    data_sums.g_a - count_sums.g_ab as g_a,
    data_sums.g_b + count_sums.g_b - count_sums.g_ab as g_b,
    data_sums.h_r_r - count_sums.h_r as h_r_r,
    data_sums.h_r_alpha,
    data_sums.h_r_a,
    data_sums.h_r_b,
    data_sums.h_alpha_alpha,
    data_sums.h_alpha_a,
    data_sums.h_alpha_b,
    data_sums.h_a_a + count_sums.h_ab as h_a_a,
    data_sums.h_a_b + count_sums.h_ab as h_a_b,
    data_sums.h_b_b + count_sums.h_ab - count_sums.h_b as h_b_b
from data_sums
inner join count_sums
    on data_sums.fit_id = count_sums.fit_id
{%- endmacro %}

{# A number that every engine takes for a double, not for a decimal. #}
{% macro double_literal(value) -%}
    cast({{ sql_number(value) }} as {{ type_double() }})
{%- endmacro %}
