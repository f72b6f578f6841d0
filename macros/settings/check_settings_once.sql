{#-
    Checks all settings, those of the project and those of the brands, at the
    start of a run (`on-run-start`).

    Takes: nothing.  Gives: empty text, so that no SQL runs.
    Raises: one compiler error with all problems.
-#}
{% macro check_settings_once() %}
    {% do settings_error(
        project_settings_problems(**_given_project_settings())
        + settings_problems(var('brands', {}), var('brand_defaults', {}))
    ) %}
    {% do return('') %}
{% endmacro %}
