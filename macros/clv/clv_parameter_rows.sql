{#
    Fits the models for every brand and cut whose parameters are not kept.
    Takes: the relations int_clv_groups, int_clv_coarse_groups, int_clv_repeat_counts, int_clv_values, as_of_date.
    Gives: the rows of fct_clv_parameters as dicts by column; none where dbt does not run the model.
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

{#
    The stored parameters that need no new fit: those of a brand and cut where all models that are wanted are stored.
    Takes: the var clv_refit, the as_of_date, and what is wanted, a dict from 'brand|cut' to a list of models.
    Gives: a dict from 'brand|cut' to the rows of these models.
#}
{% macro kept_clv_parameters(refit, today, wanted) %}
    {% set kept = {} %}
    {% set stored_table = load_relation(this) %}
    {% if refit == 'always' or flags.FULL_REFRESH or stored_table is none %}
        {{ return(kept) }}
    {% endif %}
    {#- a table that an earlier release left, with one model, keeps nothing -#}
    {% set columns = adapter.get_columns_in_relation(stored_table) | map(attribute='name') | map('lower') | list %}
    {% if 'model' not in columns %}
        {{ return(kept) }}
    {% endif %}

    {% set found = {} %}
    {% for stored in run_query('select * from ' ~ this ~ ' order by brand_id, cut_days, model') %}
        {% set sample = [stored['brand_id'], stored['cut_days'] | int] | join('|') %}
        {% if stored['model'] in wanted.get(sample, []) %}
            {% set row = {} %}
            {% for name in stored.keys() %}
                {% set value = stored[name] %}
                {% if name in ['r', 'alpha', 'a', 'b', 'p', 'q', 'v', 'log_likelihood', 'gamma_gamma_log_likelihood']
                    and value is not none %}
                    {% set value = value | float %}
                {% elif name in ['cut_days', 'customers', 'repeat_customers', 'iterations', 'gamma_gamma_iterations']
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
                {% do found.setdefault(sample, []).append(row) %}
            {% endif %}
        {% endif %}
    {% endfor %}
    {% for sample, rows in found.items() if rows | length == wanted[sample] | length %}
        {% do kept.update({sample: rows}) %}
    {% endfor %}
    {{ return(kept) }}
{% endmacro %}
