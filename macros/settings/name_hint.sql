{#
    Begins with a semicolon: the nearest allowed name, or all of them if none is near.
#}
{% macro name_hint(name, names) %}
    {% set nearest = nearest_name(name, names) %}
    {% if nearest is not none %}
        {{ return("; did you mean '" ~ nearest ~ "'?") }}
    {% endif %}
    {{ return('; allowed: ' ~ names | join(', ') ~ '.' if names else '; there are none here.') }}
{% endmacro %}
