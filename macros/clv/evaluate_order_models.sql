{# Log-likelihood, gradient and Hessian of all fits at their trial parameters, by one query. #}
{% macro evaluate_order_models(fits) %}
    {{ return(evaluate_fits(fits, ['r', 'alpha', 'a', 'b'], order_likelihood_sql)) }}
{% endmacro %}
