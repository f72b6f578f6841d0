{% macro wrong_boolean_text(value) %}
    {% if value is string and (value | lower) in ['true', 'false', 'yes', 'no', 'on', 'off'] %}
        {{ return(shown_value(value) ~ ' is not true or false: it is text; write it without quotes.') }}
    {% endif %}
    {{ return(shown_value(value) ~ ' is not true or false.') }}
{% endmacro %}
