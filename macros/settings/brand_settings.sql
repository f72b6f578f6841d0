{#-
    The complete settings of every brand: the brand's own over var
    `brand_defaults` over the defaults of brand_setting_defaults. Maps merge
    key by key; lists and the rule `loyal_when` replace what lies beneath.

    Takes: brands and brand_defaults, maps as in vars; none reads the vars.
    Gives: a map from brand_id (text) to settings with every key present,
    `currency` in upper case, `valid_order_statuses` trimmed, in lower case
    and without repetition.
    Raises: one compiler error with all problems of settings_problems.
-#}
{% macro brand_settings(brands=none, brand_defaults=none) %}
    {% set brands = var('brands', {}) if brands is none else brands %}
    {% set brand_defaults = (
        var('brand_defaults', {}) if brand_defaults is none else brand_defaults
    ) %}
    {% do settings_error(settings_problems(brands, brand_defaults)) %}

    {% set resolved = {} %}
    {% for brand_id, own in brands.items() %}
        {% set settings = brand_setting_defaults() %}
        {% do _lay_over(settings, brand_defaults) %}
        {% do _lay_over(settings, own) %}
        {% if settings['currency'] is not none %}
            {% do settings.update(
                {'currency': settings['currency'] | trim | upper}
            ) %}
        {% endif %}
        {% set statuses = [] %}
        {% for status in settings['valid_order_statuses'] %}
            {% set status = status | trim | lower %}
            {% if status not in statuses %}
                {% do statuses.append(status) %}
            {% endif %}
        {% endfor %}
        {% do settings.update({'valid_order_statuses': statuses}) %}
        {% do resolved.update({brand_id | string: settings}) %}
    {% endfor %}
    {% do return(resolved) %}
{% endmacro %}


{#-
    Puts the settings `over` on top of `beneath`, which it changes; none
    changes nothing.
-#}
{% macro _lay_over(beneath, over) %}
    {% set work = [[beneath, over if over is not none else {}]] %}
    {#- maps within maps join the list while it is read -#}
    {% for target_map, source_map in work %}
        {% for key, value in source_map.items() %}
            {% if key != 'loyal_when' and value is mapping
                  and target_map.get(key) is mapping %}
                {% do work.append([target_map[key], value]) %}
            {% else %}
                {% do target_map.update({key: value}) %}
            {% endif %}
        {% endfor %}
    {% endfor %}
{% endmacro %}
