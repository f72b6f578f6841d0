{#-
    Every setting of every brand as rows of text, to be stored or shown.

    Takes: brands and brand_defaults, maps as in vars; none reads the vars.
    Gives: a list of {brand_id, setting, value}: dotted names; lists joined
    with a comma and a space; `loyal_when` and `tiers.<name>` as rule_text
    says them; true and false in lower case; none where the setting is null.
    Raises: what brand_settings raises.
-#}
{% macro flat_brand_settings(brands=none, brand_defaults=none) %}
    {% set rows = [] %}
    {% for brand_id, settings in brand_settings(brands, brand_defaults).items() %}
        {% set work = [['', settings]] %}
        {#- what lies in a map is put behind it while the list is read -#}
        {% for name, value in work %}
            {% if name == 'loyal_when' or name.startswith('tiers.') %}
                {% do rows.append(_setting_row(brand_id, name, rule_text(value))) %}
            {% elif name == 'tiers' or value is mapping %}
                {% set position = loop.index %}
                {% set parts = [] %}
                {% if name == 'tiers' %}
                    {% for tier in value %}
                        {% do parts.append(['tiers.' ~ tier['name'], tier['when']]) %}
                    {% endfor %}
                {% else %}
                    {% for key, part in value.items() %}
                        {% do parts.append([
                            name ~ '.' ~ key if name else key, part
                        ]) %}
                    {% endfor %}
                {% endif %}
                {% for part in parts | reverse %}
                    {% do work.insert(position, part) %}
                {% endfor %}
            {% elif value is none %}
                {% do rows.append(_setting_row(brand_id, name, none)) %}
            {% elif value is boolean %}
                {% do rows.append(
                    _setting_row(brand_id, name, value | string | lower)
                ) %}
            {% elif _is_list(value) %}
                {% do rows.append(
                    _setting_row(brand_id, name, value | join(', '))
                ) %}
            {% else %}
                {% do rows.append(_setting_row(brand_id, name, value | string)) %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {% do return(rows) %}
{% endmacro %}


{#- One row of flat_brand_settings. -#}
{% macro _setting_row(brand_id, setting, value) %}
    {% do return({'brand_id': brand_id, 'setting': setting, 'value': value}) %}
{% endmacro %}
