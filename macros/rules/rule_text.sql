{#
    A rule as one readable line:
        all of (bought often: lifetime_orders >= 4; any of (reviews >= 1; not (is_member = true)))
#}
{% macro rule_text(rule) %}
    {% set written = [] %}
    {#- pieces of text and rules still to write, the next one last -#}
    {% set work = [rule] %}
    {% for step in range(50000) %}
        {% if not work %}
            {{ return(written | join) }}
        {% endif %}
        {% set item = work.pop() %}
        {% if item is string %}
            {% do written.append(item) %}
        {% elif 'metric' in item %}
            {% set comparison = rule_comparison_text(item) %}
            {% set name = rule_leaf_name(item) %}
            {% do written.append(comparison if name == comparison else name ~ ': ' ~ comparison) %}
        {% else %}
            {% if 'not' in item %}
                {% do written.append('not (') %}
            {% elif 'of' in item %}
                {% do written.append('at least ' ~ item['at_least'] ~ ' of (') %}
            {% else %}
                {% do written.append('all of (' if 'all' in item else 'any of (') %}
            {% endif %}
            {% set pieces = [] %}
            {% for part in rule_parts(item) %}
                {% do pieces.extend([part] if loop.first else ['; ', part]) %}
            {% endfor %}
            {% do work.append(')') %}
            {% do work.extend(pieces | reverse | list) %}
        {% endif %}
    {% endfor %}
{% endmacro %}
