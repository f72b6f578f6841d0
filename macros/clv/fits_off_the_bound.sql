{#
    Where hardly anyone leaves, MBG/NBD may be best with a small chance to leave, and coarse data have nothing but a
    maximum at the bound, where nobody does: from there it goes on twice more over the exact data, with few who leave.
#}
{% macro fits_off_the_bound(fits, groups) %}
    {% set more = [] %}
    {% for fit in fits if fit.status == 'at_bound' and fit.early_chances > 0 %}
        {% for log_a in [-6.0, -3.0] %}
            {% set another = {} %}
            {% do another.update(fit) %}
            {% do another.update({'id': more | length, 'theta': fit.theta[:2] + [log_a, 2.0], 'data': groups}) %}
            {% do more.append(another) %}
        {% endfor %}
    {% endfor %}
    {% do newton_fits(more, evaluate_order_models, 1e-9) %}
    {% for fit in more %}
        {% do fit.update({'iterations': fit.iterations_before + fit.iterations}) %}
    {% endfor %}
    {{ return(more) }}
{% endmacro %}
