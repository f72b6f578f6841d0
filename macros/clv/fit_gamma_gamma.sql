{#
    Gamma-Gamma by maximum likelihood, for all brands and cuts at once (Fader and Hardie 2013); v is the note's gamma.
    Three starts go up over coarse values; from the best the fit goes on over the exact ones.
#}
{% macro fit_gamma_gamma(amounts, coarse_amounts, wanted, min_repeat_customers) %}
    {% set results = {} %}
    {% set fits = [] %}
    {#- p, q, v, as logarithms -#}
    {% set starts = [[0.0, 0.0, 0.0], [1.5, 1.0, 1.0], [1.0, 2.0, 2.0]] %}
    {% for row in run_query(gamma_gamma_samples_sql(amounts))
        if [row['brand_id'], row['cut_days'] | int] | join('|') in wanted %}
        {% set group = [row['brand_id'], row['cut_days'] | int] | join('|') %}
        {% set customers = row['customers'] | int %}
        {% do results.update({group: {
            'brand_id': row['brand_id'], 'cut_days': row['cut_days'] | int,
            'status': 'too_few_repeat_customers', 'parameters': none, 'value': none, 'iterations': none,
        }}) %}
        {% if customers >= min_repeat_customers and customers > 0 %}
            {% for start in starts %}
                {% do fits.append({
                    'id': fits | length, 'group': group, 'leader': [row['brand_id'], 0] | join('|'),
                    'brand_id': row['brand_id'],
                    'cut_days': row['cut_days'] | int, 'theta': start, 'scale': row['mean_value'] | float,
                    'customers': customers, 'log_scale': row['log_scale'] | float,
                }) %}
            {% endfor %}
        {% endif %}
    {% endfor %}

    {% set levels = [
        {'relation': coarse_amounts, 'precision': 1e-4},
        {'relation': amounts, 'precision': 1e-9},
    ] %}
    {% for fit in refined_fits(fits, evaluate_gamma_gamma, levels) %}
        {% set p, q, v = natural_exp(fit.theta[0]), natural_exp(fit.theta[1]), natural_exp(fit.theta[2]) * fit.scale %}
        {% do results[fit.group].update({
            'status': 'spend_undefined' if fit.status != 'not_converged' and q <= 1 else fit.status,
            'iterations': fit.iterations,
            'parameters': {'p': p, 'q': q, 'v': v} if fit.status != 'not_converged' else none,
            'value': fit.value - fit.customers * fit.log_scale if fit.status != 'not_converged' else none,
        }) %}
    {% endfor %}
    {{ return(results.values() | list) }}
{% endmacro %}
