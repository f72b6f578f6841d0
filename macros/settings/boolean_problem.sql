{#-
    Why the value is neither true nor false, or none.

    Takes: value, anything.  Gives: a sentence, or none.  Raises: nothing.
-#}
{% macro boolean_problem(value) %}
    {% if value is boolean %}
        {% do return(none) %}
    {% elif value is string
            and value | lower in ['true', 'false', 'yes', 'no', 'on', 'off'] %}
        {% do return(
            shown_value(value) ~ ' is not true or false: it is text; write '
            ~ 'it without quotes.'
        ) %}
    {% endif %}
    {% do return(shown_value(value) ~ ' is not true or false.') %}
{% endmacro %}
