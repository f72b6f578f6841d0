{#
    The stored fits that need no new one: those of a brand and cut where all models that are wanted are stored.
#}
{% macro kept_fits(refit, today, wanted) %}
    {% set kept = [] %}
    {% set stored_table = load_relation(this) %}
    {% if refit == 'always' or flags.FULL_REFRESH or stored_table is none %}
        {{ return(kept) }}
    {% endif %}

    {% set numbers = ['r', 'alpha', 'a', 'b', 'p', 'q', 'v', 'log_likelihood'] %}
    {% set found = {} %}
    {% for stored in run_query('select * from ' ~ this ~ ' order by brand_id, cut_days, model') %}
        {% set sample = [stored['brand_id'], stored['cut_days'] | int] | join('|') %}
        {% if stored['model'] in wanted.get(sample, []) %}
            {% set row = {'sample': sample} %}
            {% for name in stored.keys() %}
                {% set value = stored[name] %}
                {% if name in numbers and value is not none %}
                    {% set value = value | float %}
                {% elif name in ['cut_days', 'customers', 'repeat_customers', 'iterations'] and value is not none %}
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
        {% do kept.extend(rows) %}
    {% endfor %}
    {{ return(kept) }}
{% endmacro %}
