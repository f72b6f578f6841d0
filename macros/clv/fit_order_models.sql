{#
    BG/NBD (Fader, Hardie and Lee 2005) and MBG/NBD (Batislam, Denizel and Filiztekin 2007) by maximum likelihood, for
    all brands, cuts and models at once. Three starts, since some samples have several optima, go up over very coarse
    groups; each optimum found goes on over the coarse ones, and those that may be the best over the exact ones.
#}
{% macro fit_order_models(groups, coarser_groups, repeat_counts, wanted, min_repeat_customers) %}
    {% set results = {} %}
    {% set fits = [] %}
    {#- r, alpha, a, b, as logarithms -#}
    {% set starts = [[0.0, 0.0, 0.0, 0.0], [-1.0, 1.0, -2.0, 1.0], [1.0, 1.0, -1.0, 2.0]] %}
    {% for row in run_query(order_samples_sql(groups)) %}
        {% for model in wanted.get([row['brand_id'], row['cut_days'] | int] | join('|'), []) %}
            {% set group = [row['brand_id'], row['cut_days'] | int, model] | join('|') %}
            {% set result = {
                'brand_id': row['brand_id'], 'cut_days': row['cut_days'] | int, 'model': model,
                'customers': row['customers'] | int, 'repeat_customers': row['repeat_customers'] | int,
                'status': 'too_few_repeat_customers', 'parameters': none, 'value': none, 'iterations': none,
            } %}
            {% do results.update({group: result}) %}
            {% if result.repeat_customers >= min_repeat_customers and result.repeat_customers > 0 %}
                {% set scale = 10.0 / ([row['longest'] | float, 1.0] | max) %}
                {% for start in starts %}
                    {% do fits.append({
                        'id': fits | length, 'group': group, 'leader': [row['brand_id'], 0, model] | join('|'),
                        'brand_id': row['brand_id'],
                        'cut_days': row['cut_days'] | int, 'early_chances': 1 if model == 'mbg_nbd' else 0,
                        'theta': start, 'scale': scale, 'total_x': row['total_x'] | float,
                        'log_scale': row['log_scale'] | float, 'repeat_counts': repeat_counts,
                    }) %}
                {% endfor %}
            {% endif %}
        {% endfor %}
    {% endfor %}

    {% set levels = [
        {'relation': coarser_groups[0], 'precision': 1e-4},
        {'relation': coarser_groups[1], 'precision': 1e-6},
        {'relation': groups, 'precision': 1e-9},
    ] %}
    {% set found = refined_fits(fits, evaluate_order_models, levels) %}
    {% for fit in best_fits(found + fits_off_the_bound(found, groups)) %}
        {% set values = [] %}
        {% for theta in fit.theta %}{% do values.append(natural_exp(theta)) %}{% endfor %}
        {% do results[fit.group].update({
            'status': fit.status, 'iterations': fit.iterations,
            'parameters': {
                'r': values[0], 'alpha': values[1] / fit.scale, 'a': values[2], 'b': values[3],
            } if fit.status != 'not_converged' else none,
            'value': fit.value + fit.total_x * fit.log_scale if fit.status != 'not_converged' else none,
        }) %}
    {% endfor %}
    {{ return(results.values() | list) }}
{% endmacro %}
