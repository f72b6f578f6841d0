{#
    The complete settings of every brand: the brand's own over the var `brand_defaults` over brand_setting_defaults.
    Maps merge key by key; lists, and the rule `loyal_when`, replace the value beneath them. Every key is present,
    `currency` is in upper case, `valid_order_statuses` are trimmed, in lower case and without duplicates. If the var
    `only_brand` names a brand, only that one is returned.
    Callers must not modify the result: a model asks for its settings many times, and gets the same dict each time.
#}
{% macro brand_settings(brands=none, brand_defaults=none) %}
    {#- dbt makes a new context for every node, so what is cached there belongs to this node and these vars. The v2
        parser caches nothing and has some value there for any unknown name; a list tells the cache from that. -#}
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
            {#- maps nest at most three deep: alerts, the type, its keys -#}
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
