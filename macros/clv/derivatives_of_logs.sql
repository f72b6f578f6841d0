{# From derivatives by the parameters to those by their logarithms. #}
{% macro derivatives_of_logs(row, names, values) %}
    {% set gradient = [] %}
    {% set hessian = [] %}
    {% for one in names %}
        {% set i = loop.index0 %}
        {% do gradient.append(values[i] * (row['g_' ~ one] | float)) %}
        {% set line = [] %}
        {% for other in names %}
            {% set j = loop.index0 %}
            {% set key = 'h_' ~ (one ~ '_' ~ other if i <= j else other ~ '_' ~ one) %}
            {% do line.append(
                values[i] * values[j] * (row[key] | float) + (gradient[i] if i == j else 0.0)
            ) %}
        {% endfor %}
        {% do hessian.append(line) %}
    {% endfor %}
    {{ return({'value': row['value'] | float, 'gradient': gradient, 'hessian': hessian}) }}
{% endmacro %}
