{#
    A message names the brand, the setting's dotted path (items of a list count from 0), the value, and the nearest
    allowed name:
        Brand 'atelier', setting 'actve': no such setting; did you mean 'active'?
    Never raises, whatever the values are.
#}
{% macro settings_problems(brands, brand_defaults=none) %}
    {% set problems = [] %}
    {% set known = {
        'checks': brand_setting_checks(),
        'metrics': customer_metrics(),
        'signals': ['order', 'subscription'] + interaction_group_names(),
        'types': interaction_type_names(),
        'times': dated_columns(),
        'zones': modules.pytz.all_timezones_set | default([]),
    } %}
    {% set built_in = brand_setting_defaults() %}

    {% if brand_defaults is mapping %}
        {% for path, problem in settings_map_problems(brand_defaults, known) %}
            {% do problems.append("brand_defaults, setting '" ~ one_line(path) ~ "': " ~ problem) %}
        {% endfor %}
    {% elif brand_defaults is not none %}
        {% do problems.append(
            "Setting 'brand_defaults': " ~ shown_value(brand_defaults) ~ ' is not a map of settings.'
        ) %}
    {% endif %}

    {% if brands is none or (brands is mapping and not brands) %}
        {% do problems.append("Setting 'brands': no brand is defined; define at least one under vars: brands.") %}
        {{ return(problems) }}
    {% elif brands is not mapping %}
        {% do problems.append(
            "Setting 'brands': " ~ shown_value(brands) ~ ' is not a map from brand ids to settings.'
        ) %}
        {{ return(problems) }}
    {% endif %}

    {% set brand_ids = [] %}
    {% for brand_id, own in brands.items() %}
        {% set found = [] %}
        {% if not (brand_id is string or brand_id is integer) or (brand_id | string | trim) in [''] + brand_ids
              or (brand_id | string | trim) != (brand_id | string) %}
            {% do problems.append("Setting 'brands': " ~ wrong_brand_id_text(brand_id)) %}
        {% elif own is mapping %}
            {% do found.extend(settings_map_problems(own, known)) %}
        {% elif own is not none %}
            {% do problems.append(
                'Brand ' ~ shown_value(brand_id | string) ~ ': ' ~ shown_value(own) ~ ' is not a map of settings.'
            ) %}
        {% endif %}
        {% do brand_ids.append(brand_id | string) %}

        {#- windows are compared once merged; one that is wrong in itself has been reported already -#}
        {% set days = {} %}
        {% for layer in [built_in, brand_defaults, own] if layer is mapping %}
            {% for key in ['active', 'churn'] if key in layer and layer[key] is mapping %}
                {% do days.update({key: layer[key].get('window_days', days[key])}) %}
            {% endfor %}
        {% endfor %}
        {% if days['active'] is integer and days['churn'] is integer
              and days['churn'] > 0 and days['churn'] < days['active'] and days['active'] <= 1000000 %}
            {% do found.append([
                'churn.window_days',
                days['churn'] ~ " is shorter than 'active.window_days' (" ~ days['active']
                ~ '); an active customer cannot churn.'
            ]) %}
        {% endif %}

        {% for path, problem in found %}
            {% do problems.append(
                'Brand ' ~ shown_value(brand_id | string) ~ ", setting '" ~ one_line(path) ~ "': " ~ problem
            ) %}
        {% endfor %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}
