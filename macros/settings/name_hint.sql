{#
    The end of a message about a name that is not allowed: the nearest allowed name, or all of them when nothing is
    near.
    Takes: what was given; the allowed names. Gives: text that begins with a semicolon.
#}
{% macro name_hint(name, names) %}
    {% set nearest = nearest_name(name, names) %}
    {% if nearest is not none %}
        {{ return("; did you mean '" ~ nearest ~ "'?") }}
    {% endif %}
    {{ return('; allowed: ' ~ names | join(', ') ~ '.' if names else '; there are none here.') }}
{% endmacro %}
