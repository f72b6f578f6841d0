{#
    Fits the models for every brand and cut whose parameters are not kept.
#}
{% macro clv_parameter_rows(groups, coarse_groups, repeat_counts, amounts, as_of_date) %}
    {#- what only looks at the SQL (compile, docs, a linter) fits nothing -#}
    {% if not execute or flags.WHICH not in ['build', 'run', 'retry'] or load_relation(groups) is none %}
        {{ return([]) }}
    {% endif %}
    {% set settings = project_settings() %}
    {% set today = run_query('select as_of_date from ' ~ as_of_date).columns[0].values()[0] %}
    {% set samples = run_query('select distinct brand_id, cut_days from ' ~ groups ~ ' order by brand_id, cut_days') %}

    {#- both models as of today, and the one that the brand uses at the cuts of the back-tests -#}
    {% set wanted = {} %}
    {% for row in samples %}
        {% set used = brand_settings()[row['brand_id']].clv.model %}
        {% do wanted.update({
            [row['brand_id'], row['cut_days'] | int] | join('|'):
                ['bg_nbd', 'mbg_nbd'] if row['cut_days'] | int == 0 else [used],
        }) %}
    {% endfor %}
    {% set rows = [] %}
    {% for sample, kept_rows in kept_clv_parameters(settings.clv_refit, today, wanted).items() %}
        {% do rows.extend(kept_rows) %}
        {% do wanted.pop(sample) %}
    {% endfor %}

    {% if wanted %}
        {% set least = settings.clv_min_repeat_customers %}
        {% set gamma_gamma = fit_gamma_gamma(amounts, wanted | list, least) %}
        {% for fit in fit_order_models(groups, coarse_groups, repeat_counts, wanted, least) %}
            {% set spend = gamma_gamma.get(
                [fit.brand_id, fit.cut_days] | join('|'), {'status': 'too_few_repeat_customers'}
            ) %}
            {% set row = {
                'brand_id': fit.brand_id, 'cut_days': fit.cut_days, 'model': fit.model,
                'customers': fit.customers, 'repeat_customers': fit.repeat_customers,
                'log_likelihood': fit.value, 'iterations': fit.iterations, 'fit_status': fit.status,
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
    {% endif %}
    {{ return(rows) }}
{% endmacro %}
