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

{% macro wrong_days_text(value, wanted='a positive whole number') %}
    {% if value is integer and value > 1000000 %}
        {{ return(shown_value(value) ~ ' is more than 1000000 days, the maximum.') }}
    {% elif value is float and value >= 0 and value < 1e308 and value == value // 1
          and (value > 0 or wanted != 'a positive whole number') %}
        {{ return(shown_value(value) ~ ' is not ' ~ wanted ~ '; write it without a decimal point.') }}
    {% endif %}
    {{ return(wrong_number_text(value, wanted)) }}
{% endmacro %}

{% macro wrong_boolean_text(value) %}
    {% if value is string and (value | lower) in ['true', 'false', 'yes', 'no', 'on', 'off'] %}
        {{ return(shown_value(value) ~ ' is not true or false: it is text; write it without quotes.') }}
    {% endif %}
    {{ return(shown_value(value) ~ ' is not true or false.') }}
{% endmacro %}

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
