{#
    Names have dots; lists are joined with a comma and a space; `loyal_when` and `tiers.<name>` are written as rule_text
    does; true and false in lower case; none for a null setting. Empty maps and lists have no row.
#}
{% macro flat_brand_settings(brands=none, brand_defaults=none) %}
    {% set rows = [] %}
    {% for brand_id, settings in brand_settings(brands, brand_defaults).items() %}
        {% set found = [] %}
        {% for key, value in settings.items() %}
            {% if key == 'loyal_when' %}
                {% do found.append([key, rule_text(value)]) %}
            {% elif key == 'tiers' %}
                {% for tier in value %}
                    {% do found.append(['tiers.' ~ tier['name'], rule_text(tier['when'])]) %}
                {% endfor %}
            {% elif value is mapping %}
                {% for inner_key, inner_value in value.items() %}
                    {% if inner_value is mapping %}
                        {% for last_key, last_value in inner_value.items() %}
                            {% do found.append([key ~ '.' ~ inner_key ~ '.' ~ last_key, last_value]) %}
                        {% endfor %}
                    {% else %}
                        {% do found.append([key ~ '.' ~ inner_key, inner_value]) %}
                    {% endif %}
                {% endfor %}
            {% else %}
                {% do found.append([key, value]) %}
            {% endif %}
        {% endfor %}

        {% for name, value in found %}
            {% if value is none or value is string %}
                {% set text = value %}
            {% elif value is boolean %}
                {% set text = 'true' if value else 'false' %}
            {% elif value is sequence %}
                {% set text = value | join(', ') %}
            {% else %}
                {% set text = value | string %}
            {% endif %}
            {% do rows.append({'brand_id': brand_id, 'setting': name, 'value': text}) %}
        {% endfor %}
    {% endfor %}
    {{ return(rows) }}
{% endmacro %}
