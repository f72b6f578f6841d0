{#
    Vars of the command line whose names are close to those of this project: dbt accepts any name. Other names are
    ignored because they may belong to models that somebody added. If this project is a package of another, all names
    are ignored, because they may be vars of the other.
#}
{% macro var_name_problems(given) %}
    {% set names = (given_project_settings() | list) + ['brands', 'brand_defaults', 'schema_prefix'] %}
    {% set problems = [] %}
    {% for name in given if name not in names and project_name == 'customer_lifecycle' %}
        {% set nearest = nearest_name(name, names) %}
        {% if nearest is not none %}
            {% do problems.append(
                'Var ' ~ shown_value(name) ~ " is not a var of this project; did you mean '" ~ nearest ~ "'?"
            ) %}
        {% endif %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}
