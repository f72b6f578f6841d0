{# The best of each group. Values that agree to nine digits are one optimum, and then the first start has it. #}
{% macro best_fits(fits) %}
    {% set best = {} %}
    {% for fit in fits %}
        {% set earlier = best.get(fit.group) %}
        {% if earlier is none
            or (earlier.status == 'not_converged' and fit.status != 'not_converged')
            or (fit.status != 'not_converged' and fit.value > earlier.value + 1e-9 * (earlier.value | abs)) %}
            {% do best.update({fit.group: fit}) %}
        {% endif %}
    {% endfor %}
    {{ return(best.values() | list) }}
{% endmacro %}
