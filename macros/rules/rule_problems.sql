{#-
    Everything that is wrong with a rule: a leaf {metric, op, value, name}, or
    {all: [...]}, {any: [...]}, {at_least: n, of: [...]}, {not: ...}, nested
    at will, of 1,000 parts at most.

    Takes: rule, anything; where, the beginning of each message; path, the
    dotted name of the setting that holds the rule; names_are_unique, whether
    two leaves must not share a name.
    Gives: a list of messages in the order of the tree.  Raises: nothing.
-#}
{% macro rule_problems(rule, where, path, names_are_unique=true) %}
    {% set problems = [] %}
    {% set names = [] %}
    {% set metrics = customer_metrics() %}
    {% set most_parts = 1000 %}
    {% set work = [[rule, path]] %}
    {#- the parts of a rule are put behind it while the list is read: a walk
        of the tree without recursion, however deep it is -#}
    {% for node, at in work %}
        {% set kind = _rule_kind(node) %}
        {% set parts = [] %}
        {% if kind is none %}
            {% do problems.extend(_rule_form_problems(node, where, at)) %}
        {% elif kind == 'leaf' %}
            {% do problems.extend(
                _rule_leaf_problems(node, where, at, metrics)
            ) %}
            {% if names_are_unique %}
                {% do problems.extend(
                    _rule_name_problems(node, where, at, names)
                ) %}
            {% endif %}
        {% elif kind == 'not' %}
            {% do parts.append([node['not'], at ~ '.not']) %}
        {% else %}
            {% set key = 'of' if kind == 'at_least' else kind %}
            {% set start = where ~ ", setting '" ~ at ~ '.' %}
            {% if not _is_list(node[key]) or not node[key] %}
                {% do problems.append(
                    start ~ key ~ "': " ~ shown_value(node[key])
                    ~ ' is not a list of one rule or more.'
                ) %}
            {% else %}
                {% for part in node[key] %}
                    {% do parts.append(
                        [part, at ~ '.' ~ key ~ '[' ~ loop.index0 ~ ']']
                    ) %}
                {% endfor %}
                {% set most = node[key] | length %}
                {% if kind == 'at_least'
                      and not (node['at_least'] is integer
                               and 1 <= node['at_least'] <= most) %}
                    {% do problems.append(
                        start ~ "at_least': " ~ shown_value(node['at_least'])
                        ~ ' is not a whole number from 1 to ' ~ most
                        ~ ", the number of rules in 'of'."
                    ) %}
                {% endif %}
            {% endif %}
        {% endif %}
        {% if work | length + parts | length > most_parts %}
            {% do return(problems + [
                where ~ ", setting '" ~ path ~ "': the rule has more than "
                ~ most_parts ~ ' parts.'
            ]) %}
        {% endif %}
        {% set position = loop.index %}
        {% for part in parts | reverse %}
            {% do work.insert(position, part) %}
        {% endfor %}
    {% endfor %}
    {% do return(problems) %}
{% endmacro %}


{#-
    What a part of a rule is: 'leaf', 'all', 'any', 'at_least' or 'not'; none
    when it is nothing of that or more than one.
-#}
{% macro _rule_kind(node) %}
    {% if node is not mapping or not node %}
        {% do return(none) %}
    {% endif %}
    {% set keys = node | list %}
    {% if keys in [['all'], ['any'], ['not']] %}
        {% do return(keys[0]) %}
    {% elif keys | length == 2 and 'at_least' in node and 'of' in node %}
        {% do return('at_least') %}
    {% elif 'metric' in node and 'op' in node and 'value' in node
            and keys | length == (4 if 'name' in node else 3) %}
        {% do return('leaf') %}
    {% endif %}
    {% do return(none) %}
{% endmacro %}


{#- Why a part of a rule has no kind: never an empty list. -#}
{% macro _rule_form_problems(node, where, path) %}
    {% set start = where ~ ", setting '" ~ path %}
    {% set forms = "a map with 'metric', 'op' and 'value', or with one of "
       ~ "'all', 'any', 'not', or 'at_least' with 'of'" %}
    {% if node is not mapping or not node %}
        {% do return([
            start ~ "': " ~ shown_value(node) ~ ' is not a rule; a rule is '
            ~ forms ~ '.'
        ]) %}
    {% endif %}

    {% set leaf_keys = ['metric', 'op', 'value', 'name'] %}
    {% set known = leaf_keys + ['all', 'any', 'not', 'at_least', 'of'] %}
    {% set problems = [] %}
    {% set missing = [] %}
    {% set used_forms = [] %}
    {% for key in node %}
        {% if key not in known or key is not string %}
            {% do problems.append(
                start ~ '.'
                ~ one_line(key if key is string else shown_value(key))
                ~ "': no such setting" ~ name_hint(key, known)
            ) %}
        {% else %}
            {% set form = 'leaf' if key in leaf_keys
               else ('at_least' if key == 'of' else key) %}
            {% if form not in used_forms %}
                {% do used_forms.append(form) %}
            {% endif %}
        {% endif %}
    {% endfor %}
    {% if problems %}
        {% do return(problems) %}
    {% elif used_forms | length > 1 %}
        {% do return([
            start ~ "': '" ~ node | join("', '") ~ "' stand side by side; "
            ~ 'a rule is ' ~ forms ~ '.'
        ]) %}
    {% elif used_forms == ['leaf'] %}
        {% set needed = ['metric', 'op', 'value'] %}
    {% else %}
        {% set needed = ['at_least', 'of'] %}
    {% endif %}
    {% for key in needed if key not in node %}
        {% do missing.append(key) %}
    {% endfor %}
    {% do return([
        start ~ "': a rule with '" ~ node | join("', '") ~ "' needs '"
        ~ missing | join("' and '") ~ "', too."
    ]) %}
{% endmacro %}


{#- The problems of a leaf's metric, op, value and name. -#}
{% macro _rule_leaf_problems(leaf, where, path, metrics) %}
    {% set problems = [] %}
    {% set start = where ~ ", setting '" ~ path %}
    {% set metric, op, value = leaf['metric'], leaf['op'], leaf['value'] %}
    {% set ops = ['>=', '>', '<=', '<', '=', '!='] %}
    {% set kind = none %}

    {% if metric is string and metric in metrics %}
        {% set kind = metrics[metric] %}
    {% else %}
        {% do problems.append(
            start ~ ".metric': " ~ shown_value(metric)
            ~ _metric_problem(metric, metrics | list)
        ) %}
    {% endif %}

    {% if op is not string or op not in ops %}
        {% set meant = {
            '=>': '>=', '≥': '>=', '=<': '<=', '≤': '<=', '==': '=',
            '<>': '!=', '≠': '!=',
        }.get(op | string) %}
        {% do problems.append(
            start ~ ".op': " ~ shown_value(op) ~ ' is not one of '
            ~ ops | join(' ')
            ~ ("; did you mean '" ~ meant ~ "'?" if meant is not none else '.')
        ) %}
    {% elif kind == 'boolean' and op not in ['=', '!='] %}
        {% do problems.append(
            start ~ ".op': '" ~ op ~ "' does not go with '" ~ metric
            ~ "', which is true or false; write = or !=."
        ) %}
    {% endif %}

    {% if kind == 'boolean' %}
        {% set problem = boolean_problem(value) %}
    {% elif kind is none and value is boolean %}
        {% set problem = none %}
    {% else %}
        {% set problem = number_problem(value, none, none, 'a finite number') %}
    {% endif %}
    {% if problem is not none %}
        {% do problems.append(start ~ ".value': " ~ problem) %}
    {% endif %}

    {% if 'name' in leaf and (leaf['name'] is not string
                              or not leaf['name'] | trim) %}
        {% do problems.append(
            start ~ ".name': " ~ shown_value(leaf['name'])
            ~ ' is not a name; write text in quotes.'
        ) %}
    {% endif %}
    {% do return(problems) %}
{% endmacro %}


{#- The rest of a message about something that is no metric. -#}
{% macro _metric_problem(metric, names) %}
    {% if metric is not string %}
        {% do return(' is not a metric; write the name of a column of customers.') %}
    {% elif metric in ['is_loyal', 'is_loyal_customer']
            or metric.startswith('loyalty_') or metric.startswith('criteria_') %}
        {% do return(' depends on the loyalty rule, so no rule can use it.') %}
    {% elif metric in _customer_columns_without_metric() %}
        {% do return(
            ' is a column of customers, but neither numeric nor boolean.'
        ) %}
    {% endif %}
    {% do return(' is not a metric of customers' ~ name_hint(metric, names)) %}
{% endmacro %}


{#-
    The problems of a leaf's name among `names`, those of the leaves before
    it, to which it is added.
-#}
{% macro _rule_name_problems(leaf, where, path, names) %}
    {% set name = rule_leaf_name(leaf) %}
    {% if name is not string or not name | trim %}
        {% do return([]) %}
    {% endif %}
    {% if name in names %}
        {% do return([
            where ~ ", setting '" ~ path
            ~ (".name': " if 'name' in leaf else "': ") ~ shown_value(name)
            ~ ' is the name of an earlier criterion, too; names are unique in '
            ~ 'a brand.'
        ]) %}
    {% endif %}
    {% do names.append(name) %}
    {% do return([]) %}
{% endmacro %}
