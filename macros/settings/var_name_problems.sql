{#
    The vars of the command line whose names are near those of this project, and none of them: dbt takes any name.
    Other names may be of models that somebody has added, so nothing is said of them; nor of any where this project is a
    package of another, whose vars they may be.
    Takes: the vars of the command line, a map. Gives: a list of messages, empty when all is well.
#}
{% macro var_name_problems(given) %}
    {% set names = (given_project_settings() | list) + ['brands', 'brand_defaults', 'schema_prefix'] %}
    {% set problems = [] %}
    {% for name in given if name not in names and project_name == 'customer_lifecycle' %}
        {% set nearest = nearest_name(name, names) %}
        {% if nearest is not none %}
            {% do problems.append(
                'Var ' ~ shown_value(name) ~ " is not one of this project's; did you mean '" ~ nearest ~ "'?"
            ) %}
        {% endif %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}
