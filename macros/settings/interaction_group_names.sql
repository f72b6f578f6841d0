{#-
    The interaction groups that a setting may name as a signal. Group `other`
    (types that the seed lacks) is not among them: it is never a signal.

    Takes: nothing.  Gives: a list of text.  Raises: nothing.
-#}
{% macro interaction_group_names() %}
    {% do return([
        'awareness', 'consideration', 'cart', 'engagement', 'support',
        'contact', 'advocacy',
    ]) %}
{% endmacro %}
