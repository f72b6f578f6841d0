{# The cuts of the back-tests, in days before `as_of_date`, the latest first. #}
{% macro clv_cuts() %}
    {{ return(clv_backtests() | map('first') | unique | sort) }}
{% endmacro %}
