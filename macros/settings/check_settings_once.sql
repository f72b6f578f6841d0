{#
    An `on-run-start` hook, so it returns empty text and no SQL runs.
#}
{% macro check_settings_once() %}
    {% do _check_all_settings() %}
    {{ return('') }}
{% endmacro %}
