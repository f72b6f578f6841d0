{% macro settings_error(problems) %}
    {% if problems %}
        {% set count = problems | length %}
        {{ exceptions.raise_compiler_error(
            'The settings in vars are wrong (' ~ count ~ (' problem' if count == 1 else ' problems') ~ '):\n'
            ~ problems | join('\n')
        ) }}
    {% endif %}
{% endmacro %}
