{#
    Fits from several starts, over data that become finer and finer: each optimum that the starts find in the first data
    goes on over the second, and from there on the best of a group, with those that are so near to it that finer data
    may turn their order.
#}
{% macro refined_fits(fits, evaluate, levels) %}
    {% set found = namespace(fits=_first_optima(fits, evaluate, levels[0])) %}
    {% for level in levels[1:] %}
        {% for fit in found.fits %}
            {% do fit.update({'data': level.relation, 'iterations_before': fit.iterations_before + fit.iterations}) %}
        {% endfor %}
        {% do newton_fits(found.fits, evaluate, level.precision) %}
        {% if loop.last %}
            {% set found.fits = best_fits(found.fits) %}
        {% else %}
            {% set found.fits = near_best_fits(distinct_fits(found.fits)) %}
        {% endif %}
    {% endfor %}
    {% for fit in found.fits %}
        {% do fit.update({
            'iterations_before': fit.iterations_before + fit.iterations,
            'iterations': fit.iterations_before + fit.iterations,
        }) %}
    {% endfor %}
    {{ return(found.fits) }}
{% endmacro %}

{#
    The optima of each group in the coarsest data. A group that another one leads, being that one's customers at an
    earlier day, starts from what that one found, which takes half as many steps; where that found nothing, from its own
    starts.
#}
{% macro _first_optima(fits, evaluate, level) %}
    {% for fit in fits %}
        {% do fit.update({'data': level.relation, 'iterations_before': 0}) %}
    {% endfor %}
    {% set leading = [] %}
    {% for fit in fits if fit.leader == fit.group %}{% do leading.append(fit) %}{% endfor %}
    {% do newton_fits(leading, evaluate, level.precision) %}
    {% set optima = {} %}
    {% for fit in distinct_fits(leading) if fit.status == 'ok' %}
        {% do optima.setdefault(fit.group, []).append(fit.theta) %}
    {% endfor %}

    {% set following = [] %}
    {% set counts = {} %}
    {% for fit in fits if fit.leader != fit.group %}
        {% set number = counts.get(fit.group, 0) %}
        {% do counts.update({fit.group: number + 1}) %}
        {% set starts = optima.get(fit.leader, []) %}
        {% if number < starts | length %}
            {% do fit.update({'theta': starts[number]}) %}
        {% endif %}
        {% if not starts or number < starts | length %}
            {% do following.append(fit) %}
        {% endif %}
    {% endfor %}
    {% do newton_fits(following, evaluate, level.precision) %}
    {{ return(distinct_fits(leading + following)) }}
{% endmacro %}
