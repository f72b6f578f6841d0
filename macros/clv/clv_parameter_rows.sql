{#
    Fits both models for every brand whose parameters are not kept.
    Takes: the relations fct_clv_groups, fct_clv_coarse_groups, fct_clv_repeat_counts, fct_clv_values, as_of_date.
    Gives: the rows of fct_clv_parameters as dicts by column; none where dbt does not run the model.
#}
{% macro clv_parameter_rows(groups, coarse_groups, repeat_counts, amounts, as_of_date) %}
    {#- what only looks at the SQL (compile, docs, a linter) fits nothing -#}
    {% if not execute or flags.WHICH not in ['build', 'run', 'retry'] or load_relation(groups) is none %}
        {{ return([]) }}
    {% endif %}
    {% set settings = project_settings() %}
    {% set today = run_query('select as_of_date from ' ~ as_of_date).columns[0].values()[0] %}
    {% set brands = run_query('select distinct brand_id from ' ~ groups ~ ' order by brand_id').columns[0].values() %}
    {% set kept = kept_clv_parameters(settings.clv_refit, today, brands) %}

    {% set wanted = [] %}
    {% set wanted_brands = [] %}
    {% for brand_id in brands if brand_id not in kept %}
        {% do wanted_brands.append(brand_id) %}
        {% do wanted.extend([brand_id ~ '|as_of_date', brand_id ~ '|backtest']) %}
    {% endfor %}
    {% set rows = [] %}
    {% for brand_rows in kept.values() %}
        {% do rows.extend(brand_rows) %}
    {% endfor %}
    {% if not wanted %}
        {{ return(rows) }}
    {% endif %}

    {% set least = settings.clv_min_repeat_customers %}
    {% set bgnbd = fit_bgnbd(groups, coarse_groups, repeat_counts, wanted, least) %}
    {% set gamma_gamma = fit_gamma_gamma(amounts, wanted_brands, least) %}
    {% for fit in bgnbd.values() %}
        {% set spend = {} %}
        {% if fit.cut == 'as_of_date' %}
            {% set spend = gamma_gamma.get(fit.brand_id, {'status': 'too_few_repeat_customers'}) %}
        {% endif %}
        {% set row = {
            'brand_id': fit.brand_id, 'cut': fit.cut, 'customers': fit.customers,
            'repeat_customers': fit.repeat_customers, 'bgnbd_log_likelihood': fit.value,
            'bgnbd_iterations': fit.iterations, 'fit_status': fit.status,
            'gamma_gamma_log_likelihood': spend.get('value'), 'gamma_gamma_iterations': spend.get('iterations'),
            'gamma_gamma_status': spend.get('status'), 'fitted_as_of': today | string,
        } %}
        {% for name in ['r', 'alpha', 'a', 'b'] %}
            {% do row.update({name: fit.parameters[name] if fit.parameters else none}) %}
        {% endfor %}
        {% for name in ['p', 'q', 'v'] %}
            {% do row.update({name: spend.parameters[name] if spend.get('parameters') else none}) %}
        {% endfor %}
        {% do rows.append(row) %}
    {% endfor %}
    {{ return(rows) }}
{% endmacro %}

{#
    The stored parameters that need no new fit.
    Takes: the var clv_refit and the as_of_date. Gives: a dict from a brand to its rows, those of both cuts.
#}
{% macro kept_clv_parameters(refit, today, brands) %}
    {% set kept = {} %}
    {% if refit == 'always' or flags.FULL_REFRESH or load_relation(this) is none %}
        {{ return(kept) }}
    {% endif %}
    {% for stored in run_query('select * from ' ~ this ~ ' order by brand_id, cut') if stored['brand_id'] in brands %}
        {% set row = {} %}
        {% for name in stored.keys() %}
            {% set value = stored[name] %}
            {% if name in ['r', 'alpha', 'a', 'b', 'p', 'q', 'v', 'bgnbd_log_likelihood', 'gamma_gamma_log_likelihood']
                and value is not none %}
                {% set value = value | float %}
            {% elif name in ['customers', 'repeat_customers', 'bgnbd_iterations', 'gamma_gamma_iterations']
                and value is not none %}
                {% set value = value | int %}
            {% elif name == 'fitted_as_of' %}
                {% set value = value | string %}
            {% endif %}
            {% do row.update({name: value}) %}
        {% endfor %}
        {% set age = (modules.datetime.datetime.strptime(today | string, '%Y-%m-%d')
            - modules.datetime.datetime.strptime(row.fitted_as_of, '%Y-%m-%d')).days %}
        {% if refit == 'never' or (age >= 0 and age <= refit.when_older_than) %}
            {% do kept.setdefault(row.brand_id, []).append(row) %}
        {% endif %}
    {% endfor %}
    {{ return(kept) }}
{% endmacro %}
