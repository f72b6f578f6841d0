{#
    "Are my settings right?", for the command line:
        dbt run-operation check_settings
        dbt run-operation check_settings --args '{brands: {atelier: {currency: KRW}}}'
#}
{% macro check_settings(brands=none, brand_defaults=none) %}
    {% do _check_all_settings(brands, brand_defaults) %}
    {% do print('all settings are valid') %}
{% endmacro %}

{#- The checks that check_settings and check_settings_once share. -#}
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
