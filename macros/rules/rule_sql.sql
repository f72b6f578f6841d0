{#-
    A rule as a boolean SQL expression that is never null: a comparison with
    a null metric is false, and `not` of it true.

    Takes: rule, a tree without problems; alias, that of the relation which
    holds the metrics as columns (none: no alias).
    Gives: SQL text in parentheses.  Raises: nothing.
-#}
{% macro rule_sql(rule, alias=none) %}
    {% set metrics = customer_metrics() %}
    {% set written = [] %}
    {% set work = [rule] %}
    {#- what a rule is written with is put behind it while the list is read:
        text, and the rules within -#}
    {% for item in work %}
        {% set pieces = [] %}
        {% if item is string %}
            {% do written.append(item) %}
        {% elif 'metric' in item %}
            {% do written.append(_rule_leaf_sql(item, alias, metrics)) %}
        {% elif 'not' in item %}
            {% do pieces.extend(['(not ', item['not'], ')']) %}
        {% elif 'of' in item %}
            {% do pieces.append('((') %}
            {% for part in item['of'] %}
                {% do pieces.extend([
                    'case when ' if loop.first else ' + case when ',
                    part, ' then 1 else 0 end',
                ]) %}
            {% endfor %}
            {% do pieces.append(') >= ' ~ item['at_least'] ~ ')') %}
        {% else %}
            {% do pieces.append('(') %}
            {% for part in _rule_parts(item) %}
                {% if not loop.first %}
                    {% do pieces.append(' and ' if 'all' in item else ' or ') %}
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


{#-
    A comparison as SQL, in double precision, or with true as 1 and false as 0
    for a boolean metric.
-#}
{% macro _rule_leaf_sql(leaf, alias, metrics) %}
    {% set column = (alias ~ '.' if alias else '') ~ leaf['metric'] %}
    {% set op = '<>' if leaf['op'] == '!=' else leaf['op'] %}
    {% if metrics[leaf['metric']] == 'boolean' %}
        {% do return(
            'coalesce(case when ' ~ column ~ ' then 1 when not ' ~ column
            ~ ' then 0 end ' ~ op ~ ' ' ~ (1 if leaf['value'] else 0)
            ~ ', false)'
        ) %}
    {% endif %}
    {% set double = type_double() | trim %}
    {% do return(
        'coalesce(cast(' ~ column ~ ' as ' ~ double ~ ') ' ~ op ~ ' cast('
        ~ sql_number(leaf['value']) ~ ' as ' ~ double ~ '), false)'
    ) %}
{% endmacro %}
