{% macro rule_leaf_name(leaf) %}
    {% if 'name' in leaf %}
        {{ return(leaf['name']) }}
    {% endif %}
    {{ return(rule_comparison_text(leaf)) }}
{% endmacro %}
