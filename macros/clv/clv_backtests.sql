{#
    The back-tests: fitted on what was known so many days before `as_of_date`, held against so many days after that.
#}
{% macro clv_backtests() %}
    {{ return([[90, 90], [180, 90], [270, 90], [365, 90], [365, 365]]) }}
{% endmacro %}
