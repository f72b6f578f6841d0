{#-
    The name of a leaf: its own, or `metric op value`.

    Takes: leaf, a map with metric, op, value and perhaps name.
    Gives: text.  Raises: nothing.
-#}
{% macro rule_leaf_name(leaf) %}
    {% if 'name' in leaf %}
        {% do return(leaf['name']) %}
    {% endif %}
    {% do return(_rule_comparison(leaf)) %}
{% endmacro %}


{#- A leaf's comparison as text: lifetime_orders >= 3, is_member = true. -#}
{% macro _rule_comparison(leaf) %}
    {% set value = leaf['value'] %}
    {% do return(
        leaf['metric'] ~ ' ' ~ leaf['op'] ~ ' '
        ~ (value | string | lower if value is boolean else value)
    ) %}
{% endmacro %}
