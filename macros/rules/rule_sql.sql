{#
    A rule as a boolean SQL expression in parentheses that is never null: a comparison with a null metric is false, and
    `not` of it true. With `but_for_silence` as if the customer had just ordered: what silence alone makes worse is met,
    and counts of the last days end at the last order date; under `not` everything keeps its value.
#}
{% macro rule_sql(rule, alias=none, but_for_silence=false) %}
    {% set written = [] %}
    {% set metrics = customer_metrics() %}
    {% set double = type_double() | trim %}
    {% set silent = silence_metrics() if but_for_silence else {'met': [], 'at_last_order': []} %}
    {#- pieces of SQL and rules still to write, the next one last -#}
    {% set work = [rule] %}
    {% for step in range(50000) %}
        {% if not work %}
            {{ return(written | join) }}
        {% endif %}
        {% set item = work.pop() %}
        {% if item is string %}
            {% do written.append(item) %}

        {% elif 'metric' in item %}
            {% set column = (alias ~ '.' if alias else '') ~ item['metric']
               ~ ('_at_last_order' if item['metric'] in silent.at_last_order else '') %}
            {% set op = '<>' if item['op'] == '!=' else item['op'] %}
            {% if item['metric'] in silent.met %}
                {% do written.append('true') %}
            {% elif metrics[item['metric']] == 'boolean' %}
                {% do written.append(
                    'coalesce(case when ' ~ column ~ ' then 1 when not ' ~ column ~ ' then 0 end ' ~ op ~ ' '
                    ~ (1 if item['value'] else 0) ~ ', false)'
                ) %}
            {% else %}
                {% do written.append(
                    'coalesce(cast(' ~ column ~ ' as ' ~ double ~ ') ' ~ op
                    ~ ' cast(' ~ sql_number(item['value']) ~ ' as ' ~ double ~ '), false)'
                ) %}
            {% endif %}

        {% elif 'not' in item %}
            {% do written.append('(not ') %}
            {% do work.extend([')', rule_sql(item['not'], alias)] if but_for_silence else [')', item['not']]) %}

        {% else %}
            {% set pieces = [] %}
            {% for part in rule_parts(item) %}
                {% if 'of' in item %}
                    {% do pieces.extend([
                        'case when ' if loop.first else ' + case when ', part, ' then 1 else 0 end'
                    ]) %}
                {% else %}
                    {% do pieces.extend(['' if loop.first else ' and ' if 'all' in item else ' or ', part]) %}
                {% endif %}
            {% endfor %}
            {% do written.append('((' if 'of' in item else '(') %}
            {% do work.append(') >= ' ~ item['at_least'] ~ ')' if 'of' in item else ')') %}
            {% do work.extend(pieces | reverse | list) %}
        {% endif %}
    {% endfor %}
{% endmacro %}
