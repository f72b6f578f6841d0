{#
    "Are my settings right?", for the command line:
        dbt run-operation check_settings
        dbt run-operation check_settings --args '{brands: {atelier: {currency: KRW}}}'
    Takes: `brands` and `brand_defaults`, maps as in vars; none reads the vars. Gives: prints one line.
    Raises: one compiler error with all problems.
#}
{% macro check_settings(brands=none, brand_defaults=none) %}
    {% do _check_all_settings(brands, brand_defaults) %}
    {% do print('settings are right') %}
{% endmacro %}

{#- What check_settings and check_settings_once both look at; arguments and error as there. -#}
{% macro _check_all_settings(brands=none, brand_defaults=none) %}
    {% do settings_error(
        var_name_problems(invocation_args_dict.get('vars') or {})
        + project_settings_problems(**given_project_settings())
        + raw_folder_settings_problems()
        + settings_problems(
            var('brands', {}) if brands is none else brands,
            var('brand_defaults', {}) if brand_defaults is none else brand_defaults
        )
    ) %}
{% endmacro %}
