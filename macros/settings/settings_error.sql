{% macro settings_error(problems) %}
    {% if problems %}
        {% set count = problems | length %}
        {{ exceptions.raise_compiler_error(
            'Invalid settings in vars (' ~ count ~ (' problem' if count == 1 else ' problems') ~ '):\n'
            ~ problems | join('\n')
        ) }}
    {% endif %}
{% endmacro %}
