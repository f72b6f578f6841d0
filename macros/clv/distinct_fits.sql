{# Of fits of a group that came to the same parameters the first; those without convergence where none has it. #}
{% macro distinct_fits(fits) %}
    {% set distinct = [] %}
    {% for fit in fits | rejectattr('status', 'equalto', 'not_converged') %}
        {% set state = namespace(is_new=true) %}
        {% for earlier in distinct if earlier.group == fit.group %}
            {% set apart = namespace(by=0.0) %}
            {% for i in range(fit.theta | length) %}
                {% set apart.by = [apart.by, (fit.theta[i] - earlier.theta[i]) | abs] | max %}
            {% endfor %}
            {% if apart.by < 1e-2 %}{% set state.is_new = false %}{% endif %}
        {% endfor %}
        {% if state.is_new %}{% do distinct.append(fit) %}{% endif %}
    {% endfor %}
    {% for fit in fits if fit.group not in (distinct | map(attribute='group') | list) %}
        {% do distinct.append(fit) %}
    {% endfor %}
    {{ return(distinct) }}
{% endmacro %}
