{#
    Checks all settings, the project's and the brands', at the start of a run (`on-run-start`).
    Gives: empty text, so that no SQL runs. Raises: one compiler error with all problems.
#}
{% macro check_settings_once() %}
    {% do settings_error(
        var_name_problems(invocation_args_dict.get('vars') or {})
        + project_settings_problems(**given_project_settings())
        + settings_problems(var('brands', {}), var('brand_defaults', {}))
    ) %}
    {{ return('') }}
{% endmacro %}
