{#-
    A value of a setting as a message shows it: on one line, cut after 60
    characters, and the way YAML writes it (true, null, .nan, text in quotes),
    so that '30' and 30 look different.

    Takes: value, anything that YAML can deliver; depth, how many levels of a
    list or map to show.  Gives: text.  Raises: nothing.
-#}
{% macro shown_value(value, depth=2) %}
    {% if value is none %}
        {% set shown = 'null' %}
    {% elif value is boolean %}
        {% set shown = 'true' if value else 'false' %}
    {% elif value is float and value != value %}
        {% set shown = '.nan' %}
    {% elif value is float and value - value != 0 %}
        {% set shown = '.inf' if value > 0 else '-.inf' %}
    {% elif value is string %}
        {% set shown = "'" ~ value ~ "'" %}
    {% elif value is mapping %}
        {% set parts = [] %}
        {% for key in (value | list)[:10] if depth > 0 %}
            {% set name = key if key is string else shown_value(key, 0) %}
            {% do parts.append(
                name ~ ': ' ~ shown_value(value[key], depth - 1)
            ) %}
        {% endfor %}
        {% if parts | length < value | length %}
            {% do parts.append('...') %}
        {% endif %}
        {% set shown = '{' ~ parts | join(', ') ~ '}' %}
    {% elif value is sequence %}
        {% set parts = [] %}
        {% for item in value[:10] if depth > 0 %}
            {% do parts.append(shown_value(item, depth - 1)) %}
        {% endfor %}
        {% if parts | length < value | length %}
            {% do parts.append('...') %}
        {% endif %}
        {% set shown = '[' ~ parts | join(', ') ~ ']' %}
    {% else %}
        {% set shown = value | string %}
    {% endif %}
    {% set shown = one_line(shown) %}
    {% if shown | length > 60 %}
        {% set shown = shown[:57] ~ '...' %}
    {% endif %}
    {% do return(shown) %}
{% endmacro %}


{#- Text with its line breaks and tabs written out: \n, \r, \t. -#}
{% macro one_line(text) %}
    {% do return(
        text | replace('\n', '\\n') | replace('\r', '\\r')
        | replace('\t', '\\t')
    ) %}
{% endmacro %}
