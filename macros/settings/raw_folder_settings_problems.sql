{#
    What is wrong with the folder that `raw_dir` names: that it is not there, or holds a file that looks like a table
    and is not read. Said before anything runs.
    Gives: a list of messages, empty when all is well or `raw_dir` itself is wrong. Raises: nothing.
#}
{% macro raw_folder_settings_problems() %}
    {% set problems = [] %}
    {% set given = given_project_settings() %}
    {% if execute and given.raw_dir is not none and not project_settings_problems(**given) %}
        {% set base = given.raw_dir.rstrip('/') ~ '/' %}
        {% if not files_that_match(glob_literal(base) ~ '*') and not files_that_match(glob_literal(base) ~ '**') %}
            {% do problems.append(
                "Setting 'raw_dir': there is no folder '" ~ one_line(given.raw_dir) ~ "', or no file is in it."
            ) %}
        {% endif %}
        {% for problem in raw_folder_problems(given.raw_dir, given.raw_tables or raw_tables() | list) %}
            {% do problems.append("Setting 'raw_dir': " ~ problem) %}
        {% endfor %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}
