{# Log-likelihood, gradient and Hessian of all fits at their trial parameters, by one query. #}
{% macro evaluate_gamma_gamma(fits) %}
    {{ return(evaluate_fits(fits, ['p', 'q', 'v'], gamma_gamma_likelihood_sql)) }}
{% endmacro %}
