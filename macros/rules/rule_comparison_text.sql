{#
    What a rule's leaf compares, as text: `lifetime_orders >= 3`, `is_member = true`.
#}
{% macro rule_comparison_text(leaf) %}
    {% set value = leaf['value'] %}
    {% if value is boolean %}
        {% set value = 'true' if value else 'false' %}
    {% endif %}
    {{ return(leaf['metric'] ~ ' ' ~ leaf['op'] ~ ' ' ~ value) }}
{% endmacro %}
