{#
    A likelihood with its derivatives at the trial parameters of several fits, by one query.
#}
{% macro evaluate_fits(fits, names, likelihood_sql) %}
    {% set e = natural_exp(1) %}
    {% set values_of = {} %}
    {% for fit in fits %}
        {% set values = [] %}
        {% for theta in fit.trial %}{% do values.append(e ** theta) %}{% endfor %}
        {% do values_of.update({fit.id: values}) %}
    {% endfor %}
    {% set found = {} %}
    {% for row in run_query(likelihood_sql(fits, values_of)) %}
        {% set id = row['fit_id'] | int %}
        {% do found.update({id: derivatives_of_logs(row, names, values_of[id])}) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}
