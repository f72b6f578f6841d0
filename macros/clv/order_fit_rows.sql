{#
    Fits the models of orders for every brand and cut whose fits are not kept.
#}
{% macro order_fit_rows(groups, coarser_groups, repeat_counts, as_of_date) %}
    {% if not fits_are_wanted(groups) %}
        {{ return([]) }}
    {% endif %}
    {% set settings = project_settings() %}
    {% set today = run_query('select as_of_date from ' ~ as_of_date ~ ' as reporting_day').columns[0].values()[0] %}

    {#- both models as of today, and the one that the brand uses at the cuts of the back-tests -#}
    {% set wanted = {} %}
    {% for row in run_query('select distinct brand_id, cut_days from ' ~ groups ~ ' order by brand_id, cut_days') %}
        {% set used = brand_settings()[row['brand_id']].clv.model %}
        {% do wanted.update({
            [row['brand_id'], row['cut_days'] | int] | join('|'):
                ['bg_nbd', 'mbg_nbd'] if row['cut_days'] | int == 0 else [used],
        }) %}
    {% endfor %}
    {% set rows = kept_fits(settings.clv_refit, today, wanted) %}
    {% for row in rows if row.sample in wanted %}
        {% do wanted.pop(row.sample) %}
    {% endfor %}

    {% if wanted %}
        {% set least = settings.clv_min_repeat_customers %}
        {% for fit in fit_order_models(groups, coarser_groups, repeat_counts, wanted, least) %}
            {% set row = {
                'brand_id': fit.brand_id, 'cut_days': fit.cut_days, 'model': fit.model,
                'customers': fit.customers, 'repeat_customers': fit.repeat_customers,
                'log_likelihood': fit.value, 'iterations': fit.iterations, 'fit_status': fit.status,
                'fitted_as_of': today | string,
            } %}
            {% for name in ['r', 'alpha', 'a', 'b'] %}
                {% do row.update({name: fit.parameters[name] if fit.parameters else none}) %}
            {% endfor %}
            {% do rows.append(row) %}
        {% endfor %}
    {% endif %}
    {{ return(rows) }}
{% endmacro %}
