{#
    Checks all settings, the project's and the brands', at the start of a run (`on-run-start`).
    Gives: empty text, so that no SQL runs. Raises: one compiler error with all problems.
#}
{% macro check_settings_once() %}
    {% do _check_all_settings() %}
    {{ return('') }}
{% endmacro %}
