{#-
    Everything that is wrong with the brands' settings. A message names the
    brand, the dotted path of the setting (items of a list count from 0), the
    value, and the nearest allowed name:

        Brand 'atelier', setting 'actve': no such setting; did you mean
        'active'?

    Takes: brands and brand_defaults, maps as in vars (brand_defaults may be
    none).  Gives: a list of messages, empty when all is well.
    Raises: nothing, whatever the values are.
-#}
{% macro settings_problems(brands, brand_defaults=none) %}
    {% set problems = [] %}
    {% set checks = _brand_setting_checks() %}

    {% if brand_defaults is mapping %}
        {% do problems.extend(
            _settings_map_problems(brand_defaults, 'brand_defaults', checks)
        ) %}
    {% elif brand_defaults is not none %}
        {% do problems.append(
            "Setting 'brand_defaults': " ~ shown_value(brand_defaults)
            ~ ' is not a map of settings.'
        ) %}
    {% endif %}

    {% if brands is none or (brands is mapping and not brands) %}
        {% do problems.append(
            "Setting 'brands': there is no brand; name at least one under "
            ~ 'vars: brands.'
        ) %}
        {% do return(problems) %}
    {% elif brands is not mapping %}
        {% do problems.append(
            "Setting 'brands': " ~ shown_value(brands)
            ~ ' is not a map from brand ids to settings.'
        ) %}
        {% do return(problems) %}
    {% endif %}

    {% set brand_ids = [] %}
    {% for brand_id, own in brands.items() %}
        {% set where = 'Brand ' ~ shown_value(
            brand_id if brand_id is string else brand_id | string
        ) %}
        {% set id_problem = _brand_id_problem(brand_id, brand_ids) %}
        {% do brand_ids.append(brand_id | string) %}
        {% if id_problem %}
            {% do problems.append("Setting 'brands': " ~ id_problem) %}
        {% elif own is mapping %}
            {% set own_problems = _settings_map_problems(own, where, checks) %}
            {% do problems.extend(own_problems) %}
            {% do problems.extend(
                _window_order_problems(own, brand_defaults, where)
            ) %}
        {% elif own is none %}
            {% do problems.extend(
                _window_order_problems({}, brand_defaults, where)
            ) %}
        {% else %}
            {% do problems.append(
                where ~ ": " ~ shown_value(own) ~ ' is not a map of settings.'
            ) %}
        {% endif %}
    {% endfor %}
    {% do return(problems) %}
{% endmacro %}


{#- Why a key of `brands` cannot be a brand_id, or none. -#}
{% macro _brand_id_problem(brand_id, earlier_ids) %}
    {% set shown = shown_value(brand_id) %}
    {% if brand_id is boolean %}
        {% do return(
            shown ~ ' is not a brand id (YAML reads yes, no, on and off so, '
            ~ 'too); write the id in quotes.'
        ) %}
    {% elif brand_id is not string and brand_id is not integer %}
        {% do return(
            shown ~ ' is not a brand id; write the id in quotes.'
        ) %}
    {% elif brand_id is string and not brand_id | trim %}
        {% do return(shown ~ ' is blank; a brand id is text.') %}
    {% elif brand_id is string and brand_id | trim != brand_id %}
        {% do return(
            shown ~ ' begins or ends with a space, and ids in the data are '
            ~ 'trimmed; write ' ~ shown_value(brand_id | trim) ~ '.'
        ) %}
    {% elif brand_id | string in earlier_ids %}
        {% do return(shown ~ ' is there twice, as a number and as text.') %}
    {% endif %}
    {% do return(none) %}
{% endmacro %}


{#-
    The problems of one map of settings: `checks` is the map of the allowed
    keys, `where` the beginning of each message.
-#}
{% macro _settings_map_problems(settings, where, checks) %}
    {% set problems = [] %}
    {% set work = [[settings, checks, '']] %}
    {#- a map within the map is put behind its key, so that the messages
        come in the order of the settings -#}
    {% for given, allowed, prefix in work %}
        {% set found = [] %}
        {% for key, value in given.items() %}
            {% set path = prefix ~ key if key is string
               else prefix ~ shown_value(key) %}
            {% if key is not string or key not in allowed %}
                {% do problems.append(
                    where ~ ", setting '" ~ one_line(path)
                    ~ "': no such setting" ~ name_hint(key, allowed | list)
                ) %}
            {% elif allowed[key] is not mapping %}
                {% do problems.extend(
                    setting_value_problems(allowed[key], value, where, path)
                ) %}
            {% elif value is mapping %}
                {% do found.append([value, allowed[key], path ~ '.']) %}
            {% else %}
                {% do problems.append(
                    where ~ ", setting '" ~ path ~ "': " ~ shown_value(value)
                    ~ ' is not a map; its settings are '
                    ~ allowed[key] | join(', ') ~ '.'
                ) %}
            {% endif %}
        {% endfor %}
        {% set position = loop.index %}
        {% for item in found | reverse %}
            {% do work.insert(position, item) %}
        {% endfor %}
    {% endfor %}
    {% do return(problems) %}
{% endmacro %}


{#-
    A churn window that ends before the active one would call customers
    churned while they are active. Compared after merging; silent when one of
    the two is wrong in itself.
-#}
{% macro _window_order_problems(own, brand_defaults, where) %}
    {% set built_in = brand_setting_defaults() %}
    {% set windows = {} %}
    {% for key in ['active', 'churn'] %}
        {% set found = namespace(days=none) %}
        {% for layer in [built_in, brand_defaults, own] %}
            {% if layer is mapping and layer.get(key) is mapping
                  and 'window_days' in layer[key] %}
                {% set found.days = layer[key]['window_days'] %}
            {% endif %}
        {% endfor %}
        {% do windows.update({key: found.days}) %}
    {% endfor %}
    {% if windows.active is integer and windows.churn is integer
          and 0 < windows.churn < windows.active <= 1000000 %}
        {% do return([
            where ~ ", setting 'churn.window_days': " ~ windows.churn
            ~ " is shorter than 'active.window_days' (" ~ windows.active
            ~ '); a customer cannot churn while active.'
        ]) %}
    {% endif %}
    {% do return([]) %}
{% endmacro %}
