{#
    The complete settings of every brand: the brand's own over the var `brand_defaults` over brand_setting_defaults.
    Maps merge key by key; lists, and the rule `loyal_when`, replace what lies beneath.
    Takes: `brands` and `brand_defaults`, maps as in vars; none reads the vars. Gives: a dict from brand_id (text) to
    settings with every key there, `currency` in upper case, `valid_order_statuses` trimmed, in lower case and without
    repetition. Not to be changed by who gets it: a model asks for its settings many times, and gets the same dict each
    time. Of the vars' brands only the one that the var `only_brand` names, if it does.
    Raises: one compiler error with all that settings_problems found.
#}
{% macro brand_settings(brands=none, brand_defaults=none) %}
    {#- dbt makes a new context for every node, so what is kept there is of this node and of these vars. It lies in a
        list to be told from what the v2 parser, which can keep nothing, has there for a name that it does not know. -#}
    {% set is_from_vars = brands is none and brand_defaults is none and context is mapping %}
    {% set kept = context.get('resolved_brand_settings') if is_from_vars else none %}
    {% if kept is sequence and kept is not mapping %}
        {{ return(kept[0]) }}
    {% endif %}

    {% set only_brand = var('only_brand', none) if brands is none else none %}
    {% set brands = var('brands', {}) if brands is none else brands %}
    {% set brand_defaults = var('brand_defaults', {}) if brand_defaults is none else brand_defaults %}
    {% set problems = settings_problems(brands, brand_defaults) %}
    {% if problems %}
        {% do settings_error(problems) %}
    {% endif %}

    {% set resolved = {} %}
    {% for brand_id, own in brands.items() if only_brand in [none, brand_id | string] %}
        {% set settings = brand_setting_defaults() %}
        {% for layer in [brand_defaults, own] if layer is not none %}
            {#- maps lie in maps three deep at most: alerts, the type, its keys -#}
            {% for key, value in layer.items() %}
                {% if value is not mapping or key == 'loyal_when' %}
                    {% do settings.update({key: value}) %}
                {% else %}
                    {% for inner_key, inner_value in value.items() %}
                        {% if settings[key][inner_key] is mapping %}
                            {% do settings[key][inner_key].update(inner_value) %}
                        {% else %}
                            {% do settings[key].update({inner_key: inner_value}) %}
                        {% endif %}
                    {% endfor %}
                {% endif %}
            {% endfor %}
        {% endfor %}

        {% if settings['currency'] is not none %}
            {% do settings.update({'currency': settings['currency'] | trim | upper}) %}
        {% endif %}
        {% set statuses = [] %}
        {% for status in settings['valid_order_statuses'] if (status | trim | lower) not in statuses %}
            {% do statuses.append(status | trim | lower) %}
        {% endfor %}
        {% do settings.update({'valid_order_statuses': statuses}) %}
        {% do resolved.update({brand_id | string: settings}) %}
    {% endfor %}

    {% if is_from_vars and kept is none %}
        {% do context.update({'resolved_brand_settings': [resolved]}) %}
    {% endif %}
    {{ return(resolved) }}
{% endmacro %}
