{#
    The back-tests: fitted on what was known so many days before `as_of_date`, held against so many days after that.
    Gives: a list of [days before `as_of_date`, horizon in days].
#}
{% macro clv_backtests() %}
    {{ return([[90, 90], [180, 90], [270, 90], [365, 90], [365, 365]]) }}
{% endmacro %}

{# The cuts of the back-tests, in days before `as_of_date`, the latest first. #}
{% macro clv_cuts() %}
    {{ return(clv_backtests() | map('first') | unique | sort) }}
{% endmacro %}

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
