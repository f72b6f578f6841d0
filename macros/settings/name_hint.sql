{#-
    The end of a message about a name that is not allowed: the nearest
    allowed name, or all of them when nothing is near.

    Takes: name, what was given; names, the allowed ones.
    Gives: text that begins with a semicolon and ends with a question mark or
    a full stop.  Raises: nothing.
-#}
{% macro name_hint(name, names) %}
    {% set nearest = nearest_name(name, names) %}
    {% if nearest is not none %}
        {% do return("; did you mean '" ~ nearest ~ "'?") %}
    {% elif not names %}
        {% do return('; there are none here.') %}
    {% else %}
        {% do return('; allowed: ' ~ names | join(', ') ~ '.') %}
    {% endif %}
{% endmacro %}
