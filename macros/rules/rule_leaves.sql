{% macro rule_leaves(rule) %}
    {% set leaves = [] %}
    {#- nodes still to visit, the next one last: a tree walk without recursion -#}
    {% set work = [[rule, false]] %}
    {% for step in range(50000) %}
        {% if not work %}
            {{ return(leaves) }}
        {% endif %}
        {% set node, is_negated = work.pop() %}
        {% if 'metric' in node %}
            {% do leaves.append({
                'name': rule_leaf_name(node),
                'metric': node['metric'],
                'op': node['op'],
                'value': node['value'],
                'is_negated': is_negated,
            }) %}
        {% endif %}
        {% for part in rule_parts(node) | reverse %}
            {% do work.append([part, is_negated or 'not' in node]) %}
        {% endfor %}
    {% endfor %}
{% endmacro %}
