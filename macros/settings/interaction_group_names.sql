{#
    The interaction groups that a setting may name as a signal. The group `other`, of the types that the seed lacks, is
    not among them: it is never a signal.
    Gives: a list of texts.
#}
{% macro interaction_group_names() %}
    {{ return(['awareness', 'consideration', 'cart', 'engagement', 'support', 'contact', 'advocacy']) }}
{% endmacro %}
