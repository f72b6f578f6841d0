{#-
    The leaves of a rule, in the order of the tree.

    Takes: rule, a tree without problems.
    Gives: a list of {name, metric, op, value, is_negated}; name is
    `metric op value` where the leaf has none, is_negated says that the leaf
    stands somewhere under a `not`.  Raises: nothing.
-#}
{% macro rule_leaves(rule) %}
    {% set leaves = [] %}
    {% set work = [[rule, false]] %}
    {#- the parts of a rule are put behind it while the list is read -#}
    {% for node, is_negated in work %}
        {% if 'metric' in node %}
            {% do leaves.append({
                'name': rule_leaf_name(node),
                'metric': node['metric'],
                'op': node['op'],
                'value': node['value'],
                'is_negated': is_negated,
            }) %}
        {% endif %}
        {% set position = loop.index %}
        {% for part in _rule_parts(node) | reverse %}
            {% do work.insert(position, [part, is_negated or 'not' in node]) %}
        {% endfor %}
    {% endfor %}
    {% do return(leaves) %}
{% endmacro %}


{#- The rules that a rule is made of: an empty list for a leaf. -#}
{% macro _rule_parts(node) %}
    {% for key in ['all', 'any', 'of'] if key in node %}
        {% do return(node[key]) %}
    {% endfor %}
    {% do return([node['not']] if 'not' in node else []) %}
{% endmacro %}
