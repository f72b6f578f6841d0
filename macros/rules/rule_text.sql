{#-
    A rule as one readable line:

        all of (bought often: lifetime_orders >= 4; any of (reviews >= 1;
        not (is_member = true)))

    Takes: rule, a tree without problems.  Gives: text.  Raises: nothing.
-#}
{% macro rule_text(rule) %}
    {% set written = [] %}
    {% set work = [rule] %}
    {#- what a rule is written with is put behind it while the list is read:
        text, and the rules within -#}
    {% for item in work %}
        {% set pieces = [] %}
        {% if item is string %}
            {% do written.append(item) %}
        {% elif 'metric' in item %}
            {% set comparison = _rule_comparison(item) %}
            {% set name = rule_leaf_name(item) %}
            {% do written.append(
                comparison if name == comparison
                else name ~ ': ' ~ comparison
            ) %}
        {% else %}
            {% if 'not' in item %}
                {% do pieces.append('not (') %}
            {% elif 'of' in item %}
                {% do pieces.append(
                    'at least ' ~ item['at_least'] ~ ' of ('
                ) %}
            {% else %}
                {% do pieces.append((item | first) ~ ' of (') %}
            {% endif %}
            {% for part in _rule_parts(item) %}
                {% if not loop.first %}
                    {% do pieces.append('; ') %}
                {% endif %}
                {% do pieces.append(part) %}
            {% endfor %}
            {% do pieces.append(')') %}
        {% endif %}
        {% set position = loop.index %}
        {% for piece in pieces | reverse %}
            {% do work.insert(position, piece) %}
        {% endfor %}
    {% endfor %}
    {% do return(written | join) %}
{% endmacro %}
