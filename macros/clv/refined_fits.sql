{#
    Fits from several starts, over data that become finer and finer: each optimum that the starts find in the first data
    goes on over the second, and from there on the best of a group, with those that are so near to it that finer data
    may turn their order.
#}
{% macro refined_fits(fits, evaluate, levels) %}
    {% set found = namespace(fits=fits) %}
    {% for fit in fits %}
        {% do fit.update({'iterations_before': 0}) %}
    {% endfor %}
    {% for level in levels %}
        {% for fit in found.fits %}
            {% do fit.update({'data': level.relation}) %}
        {% endfor %}
        {% do newton_fits(found.fits, evaluate, level.precision) %}
        {% if loop.last %}
            {% set found.fits = best_fits(found.fits) %}
        {% elif loop.first %}
            {% set found.fits = distinct_fits(found.fits) %}
        {% else %}
            {% set found.fits = near_best_fits(distinct_fits(found.fits)) %}
        {% endif %}
        {% for fit in found.fits %}
            {% do fit.update({'iterations_before': fit.iterations_before + fit.iterations}) %}
        {% endfor %}
    {% endfor %}
    {% for fit in found.fits %}
        {% do fit.update({'iterations': fit.iterations_before}) %}
    {% endfor %}
    {{ return(found.fits) }}
{% endmacro %}
