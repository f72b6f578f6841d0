{#
    None for a colour. Without its sign, or of three digits, a colour has only one meaning: the message says which.
#}
{% macro wrong_colour_text(value) %}
    {% if value is string and modules.re.match('^#[0-9A-Fa-f]{6}$', value) and (value | length) == 7 %}
        {{ return(none) }}
    {% endif %}
    {% set digits = modules.re.sub('^#', '', value | trim) if value is string else '' %}
    {% set message = shown_value(value) ~ ' is not a colour' %}
    {% if modules.re.match('^[0-9A-Fa-f]{6}$', digits) %}
        {{ return(message ~ "; did you mean '#" ~ digits ~ "'?") }}
    {% elif modules.re.match('^[0-9A-Fa-f]{3}$', digits) %}
        {% set doubled = modules.re.sub('(.)', '\\1\\1', digits) %}
        {{ return(message ~ "; did you mean '#" ~ doubled ~ "'?") }}
    {% endif %}
    {{ return(message ~ "; write '#' and six digits from 0 to f in quotes, such as '#0b57a4', or null for none.") }}
{% endmacro %}
