{# Of each group the best and those whose value is less than a ten-thousandth below it. #}
{% macro near_best_fits(fits) %}
    {% set near = [] %}
    {% for best in best_fits(fits) %}
        {% for fit in fits if fit.group == best.group %}
            {% if fit.id == best.id
                or (fit.status != 'not_converged' and fit.value > best.value - 1e-4 * (best.value | abs)) %}
                {% do near.append(fit) %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {{ return(near) }}
{% endmacro %}
