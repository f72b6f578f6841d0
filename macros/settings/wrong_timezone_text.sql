{#
    Etc/GMT+9, which lies nine hours west of Greenwich, and EST, which is close to any three letters, are never
    suggested.
#}
{% macro wrong_timezone_text(value) %}
    {% set zones = ['UTC'] %}
    {% for zone in modules.pytz.all_timezones | default([]) if '/' in zone and not zone.startswith('Etc/') %}
        {% do zones.append(zone) %}
    {% endfor %}
    {% set nearest = nearest_name(value | trim | replace(' ', '_'), zones) if value is string else none %}
    {% if nearest is none %}
        {{ return(shown_value(value) ~ " is not a time zone; write a name such as 'Asia/Seoul' or 'UTC'.") }}
    {% endif %}
    {{ return(shown_value(value) ~ " is not a time zone; did you mean '" ~ nearest ~ "'?") }}
{% endmacro %}
