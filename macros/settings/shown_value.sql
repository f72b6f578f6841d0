{#
    On one line, cut after 60 characters, and the way YAML writes it (true, null, .nan, text in quotes), so that '30'
    and 30 look different.
#}
{% macro shown_value(value, depth=2) %}
    {% if value is none %}
        {% set shown = 'null' %}
    {% elif value is boolean %}
        {% set shown = 'true' if value else 'false' %}
    {% elif value is float and value != value %}
        {% set shown = '.nan' %}
    {% elif value is float and (value > 1.7e308 or value < -1.7e308) %}
        {% set shown = '.inf' if value > 0 else '-.inf' %}
    {% elif value is string %}
        {% set shown = "'" ~ value ~ "'" %}
    {% elif value is mapping or value is sequence %}
        {% set parts = [] %}
        {% for item in (value | list)[:10] if depth > 0 %}
            {% if value is mapping %}
                {% set key = item if item is string else shown_value(item, 0) %}
                {% do parts.append(key ~ ': ' ~ shown_value(value[item], depth - 1)) %}
            {% else %}
                {% do parts.append(shown_value(item, depth - 1)) %}
            {% endif %}
        {% endfor %}
        {% if (parts | length) < (value | length) %}
            {% do parts.append('...') %}
        {% endif %}
        {% set shown = parts | join(', ') %}
        {% set shown = '{' ~ shown ~ '}' if value is mapping else '[' ~ shown ~ ']' %}
    {% else %}
        {% set shown = value | string %}
    {% endif %}
    {% set shown = one_line(shown) %}
    {{ return(shown if (shown | length) <= 60 else shown[:57] ~ '...') }}
{% endmacro %}
