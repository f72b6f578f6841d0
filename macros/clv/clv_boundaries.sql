{#
    The days on which a count of orders is asked for, in days before `as_of_date`: the cuts, the ends of their horizons,
    and the starts of the equally long times before them, which the naive rule looks at.
#}
{% macro clv_boundaries() %}
    {% set days = [] %}
    {% for cut_days, horizon in clv_backtests() %}
        {% do days.extend([cut_days - horizon, cut_days, cut_days + horizon]) %}
    {% endfor %}
    {{ return(days | unique | sort) }}
{% endmacro %}
