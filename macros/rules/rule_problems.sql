{#
    Everything wrong with a rule: a leaf {metric, op, value, name}, or {all: [...]}, {any: [...]}, {at_least: n, of:
    [...]}, {not: ...}, nested at will, of at most 1,000 parts. Never raises, whatever the rule is.
#}
{% macro rule_problems(rule, path, metrics=none, names_are_unique=true) %}
    {% set problems = [] %}
    {% set names = [] %}
    {% set metrics = customer_metrics() if metrics is none else metrics %}
    {#- nodes still to visit, the next one last: a tree walk without recursion, however deep the rule is -#}
    {% set work = [[path, rule]] %}
    {% for step in range(1000) %}
        {% if not work %}
            {{ return(problems) }}
        {% endif %}
        {% set at, node = work.pop() %}
        {% set keys = node | list if node is mapping else [] %}
        {% set parts = [] %}

        {% if 'metric' in keys and 'op' in keys and 'value' in keys
              and (keys | length) == (4 if 'name' in keys else 3) %}
            {% do problems.extend(_rule_leaf_problems(node, at, metrics)) %}
            {% if names_are_unique %}
                {% set name = rule_leaf_name(node) %}
                {% if name in names %}
                    {% do problems.append([
                        at ~ ('.name' if 'name' in keys else ''),
                        shown_value(name) ~ ' is already the name of an earlier criterion; '
                        ~ 'names must be unique within a brand.'
                    ]) %}
                {% endif %}
                {% do names.append(name) %}
            {% endif %}

        {% elif keys == ['not'] %}
            {% do parts.append([at ~ '.not', node['not']]) %}

        {% elif keys in [['all'], ['any'], ['at_least', 'of'], ['of', 'at_least']] %}
            {% set key = 'of' if 'of' in keys else keys[0] %}
            {% set rules = node[key] %}
            {% if rules is string or rules is mapping or rules is not sequence or not rules %}
                {% do problems.append([at ~ '.' ~ key, shown_value(rules) ~ ' is not a list of at least one rule.']) %}
            {% else %}
                {% for part in rules %}
                    {% do parts.append([at ~ '.' ~ key ~ '[' ~ loop.index0 ~ ']', part]) %}
                {% endfor %}
                {% set least = node['at_least'] if key == 'of' else 1 %}
                {% if not (least is integer and least >= 1 and least <= (rules | length)) %}
                    {% do problems.append([at ~ '.at_least', wrong_number_text(
                        least, 'a whole number from 1 to ' ~ (rules | length) ~ ", the number of rules in 'of'"
                    )]) %}
                {% endif %}
            {% endif %}

        {% else %}
            {% do problems.extend(_rule_form_problems(node, at)) %}
        {% endif %}

        {% do work.extend(parts | reverse | list) %}
    {% endfor %}
    {% if work %}
        {% do problems.append([path, 'the rule has more than 1000 parts.']) %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}

{#
    Why a part of a rule, known to be wrong, is not a valid rule: a list of [path, sentence], never empty.
#}
{% macro _rule_form_problems(node, path) %}
    {% set forms = "a map with 'metric', 'op' and 'value', or with one of 'all', 'any', 'not', or 'at_least' with "
       ~ "'of'" %}
    {% if node is not mapping or not node %}
        {{ return([[path, shown_value(node) ~ ' is not a rule; a rule is ' ~ forms ~ '.']]) }}
    {% endif %}

    {% set form_of = {
        'metric': 'leaf', 'op': 'leaf', 'value': 'leaf', 'name': 'leaf',
        'all': 'all', 'any': 'any', 'not': 'not', 'at_least': 'at_least', 'of': 'at_least',
    } %}
    {% set problems = [] %}
    {% set found = [] %}
    {% for key in node %}
        {% if key is not string or key not in form_of %}
            {% set meant = {'and': 'all', 'or': 'any', 'operator': 'op', 'threshold': 'value'} %}
            {% do problems.append([
                path ~ '.' ~ (key if key is string else shown_value(key)),
                'no such setting' ~ name_hint(meant[key] if key is string and key in meant else key, form_of | list)
            ]) %}
        {% elif form_of[key] not in found %}
            {% do found.append(form_of[key]) %}
        {% endif %}
    {% endfor %}
    {% if problems %}
        {{ return(problems) }}
    {% endif %}

    {% set keys = "'" ~ node | join("', '") ~ "'" %}
    {% if (found | length) > 1 %}
        {{ return([[path, keys ~ ' cannot be combined; a rule is ' ~ forms ~ '.']]) }}
    {% endif %}
    {% set missing = [] %}
    {% for key in (['metric', 'op', 'value'] if found == ['leaf'] else ['at_least', 'of']) if key not in node %}
        {% do missing.append("'" ~ key ~ "'") %}
    {% endfor %}
    {{ return([[path, 'a rule with ' ~ keys ~ ' also needs ' ~ missing | join(' and ') ~ '.']]) }}
{% endmacro %}

{#
    The problems of a leaf, as a list of [path, sentence].
#}
{% macro _rule_leaf_problems(leaf, path, metrics) %}
    {% set problems = [] %}
    {% set metric = leaf['metric'] %}
    {% set op = leaf['op'] %}
    {% set value = leaf['value'] %}
    {% set ops = ['>=', '>', '<=', '<', '=', '!='] %}
    {% set kind = metrics[metric] if metric is string and metric in metrics else none %}

    {% if kind is none %}
        {% do problems.append([path ~ '.metric', _wrong_metric_text(metric, metrics | list)]) %}
    {% endif %}

    {% if op is not string or op not in ops %}
        {% set meant = {'=>': '>=', '≥': '>=', '=<': '<=', '≤': '<=', '==': '=', '<>': '!=', '≠': '!='} %}
        {% do problems.append([
            path ~ '.op',
            shown_value(op) ~ ' is not one of ' ~ ops | join(' ')
            ~ ("; did you mean '" ~ meant[op] ~ "'?" if op is string and op in meant else '.')
        ]) %}
    {% elif kind == 'boolean' and op not in ['=', '!='] %}
        {% do problems.append([
            path ~ '.op', "'" ~ op ~ "' cannot be used with '" ~ metric ~ "', which is true or false; use = or !=."
        ]) %}
    {% endif %}

    {% if kind == 'boolean' %}
        {% if value is not boolean %}
            {% do problems.append([path ~ '.value', wrong_boolean_text(value)]) %}
        {% endif %}
    {% elif not ((value is integer or value is float) and value >= -1e308 and value <= 1e308)
            and not (kind is none and value is boolean) %}
        {% do problems.append([path ~ '.value', wrong_number_text(value, 'a finite number')]) %}
    {% endif %}

    {% if 'name' in leaf and (leaf['name'] is not string or not leaf['name'] | trim) %}
        {% do problems.append([path ~ '.name', shown_value(leaf['name']) ~ ' is not a name; write text in quotes.']) %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}

{#
    Why a rule cannot use a metric, known to be wrong: a sentence.
#}
{% macro _wrong_metric_text(metric, names) %}
    {% set shown = shown_value(metric) %}
    {% if metric is not string %}
        {{ return(shown ~ ' is not a metric; write the name of a column of customers.') }}
    {% elif metric in ['is_loyal', 'is_loyal_customer', 'is_loyal_but_for_silence']
            or metric.startswith('loyalty_') or metric.startswith('criteria_') %}
        {{ return(shown ~ ' depends on the loyalty rule, so no rule can use it.') }}
    {% elif metric in customer_columns_without_number() %}
        {{ return(shown ~ ' is a column of customers, but neither numeric nor boolean.') }}
    {% endif %}
    {{ return(shown ~ ' is not a metric of customers' ~ name_hint(metric, names)) }}
{% endmacro %}
