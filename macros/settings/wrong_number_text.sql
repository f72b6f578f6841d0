{% macro wrong_number_text(value, wanted) %}
    {% set number = '[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)' %}
    {% set hint = '.' %}
    {% if value is string and modules.re.match('^' ~ number ~ '$', value) %}
        {% set hint = ': it is text; write it without quotes.' %}
    {% elif value is string and modules.re.match('^' ~ number ~ '[eE][+-]?[0-9]+$', value) %}
        {#- YAML reads 1e-7 as text: it requires a point and a sign -#}
        {% set hint = ': YAML reads it as text; write it out, or as 1.0e-7.' %}
    {% endif %}
    {{ return(shown_value(value) ~ ' is not ' ~ wanted ~ hint) }}
{% endmacro %}
