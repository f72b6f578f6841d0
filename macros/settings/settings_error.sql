{#-
    Stops dbt with one compiler error that lists every problem, each on a
    line of its own. Does nothing when there is none.

    Takes: problems, a list of messages.
    Gives: empty text.  Raises: a compiler error unless the list is empty.
-#}
{% macro settings_error(problems) %}
    {% if problems %}
        {% do exceptions.raise_compiler_error(
            'The settings in vars are wrong ('
            ~ problems | length
            ~ (' problem' if problems | length == 1 else ' problems')
            ~ '):\n'
            ~ problems | join('\n')
        ) %}
    {% endif %}
    {% do return('') %}
{% endmacro %}
