{#
    The group `other`, of types that the seed lacks, is left out: it is never a signal.
#}
{% macro interaction_group_names() %}
    {{ return(['awareness', 'consideration', 'cart', 'engagement', 'support', 'contact', 'advocacy']) }}
{% endmacro %}
