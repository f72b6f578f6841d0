{% macro wrong_recency_shares_text(value) %}
    {% set wanted = ' is not a list of three rising numbers between 0 and 1, such as [0.125, 0.25, 0.5].' %}
    {% if value is string or value is mapping or value is not sequence or (value | length) != 3 %}
        {{ return(shown_value(value) ~ wanted) }}
    {% endif %}
    {% for share in value %}
        {% set lower = value[loop.index0 - 1] if loop.index0 else 0 %}
        {% if not (share is integer or share is float) or not (lower < share and share < 1) %}
            {{ return(shown_value(value) ~ wanted) }}
        {% endif %}
    {% endfor %}
    {{ return(none) }}
{% endmacro %}
