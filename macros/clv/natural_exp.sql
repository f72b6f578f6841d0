{# Jinja has no exp. #}
{% macro natural_exp(exponent) %}
    {{ return(2.718281828459045 ** exponent) }}
{% endmacro %}
