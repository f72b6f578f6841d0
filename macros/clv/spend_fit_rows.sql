{#
    Fits Gamma-Gamma for every brand and cut whose fit is not kept.
#}
{% macro spend_fit_rows(amounts, coarse_amounts, as_of_date) %}
    {% if not fits_are_wanted(amounts) %}
        {{ return([]) }}
    {% endif %}
    {% set settings = project_settings() %}
    {% set today = run_query('select as_of_date from ' ~ as_of_date ~ ' as reporting_day').columns[0].values()[0] %}

    {% set wanted = {} %}
    {% for row in run_query('select distinct brand_id, cut_days from ' ~ amounts ~ ' order by brand_id, cut_days') %}
        {% do wanted.update({[row['brand_id'], row['cut_days'] | int] | join('|'): ['gamma_gamma']}) %}
    {% endfor %}
    {% set rows = kept_fits(settings.clv_refit, today, wanted) %}
    {% for row in rows %}
        {% do wanted.pop(row.sample) %}
    {% endfor %}

    {% if wanted %}
        {% for fit in fit_gamma_gamma(amounts, coarse_amounts, wanted, settings.clv_min_repeat_customers) %}
            {% set row = {
                'brand_id': fit.brand_id, 'cut_days': fit.cut_days, 'model': 'gamma_gamma',
                'log_likelihood': fit.value, 'iterations': fit.iterations, 'fit_status': fit.status,
                'fitted_as_of': today | string,
            } %}
            {% for name in ['p', 'q', 'v'] %}
                {% do row.update({name: fit.parameters[name] if fit.parameters else none}) %}
            {% endfor %}
            {% do rows.append(row) %}
        {% endfor %}
    {% endif %}
    {{ return(rows) }}
{% endmacro %}
