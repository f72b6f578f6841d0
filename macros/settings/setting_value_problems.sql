{#-
    The problems of the value of one setting of a brand.

    Takes: check, the name of what the value must be, below; value, anything;
    where, the beginning of the messages; path, the setting's dotted name.
    Gives: a list of messages.  Raises: nothing.

    check is one of:
    boolean      true or false
    days         a positive whole number, 1,000,000 at most
    share        a number from 0 to 1
    positive     a number above 0
    yearly_rate  a number from 0 to below 10
    currency     text, or null
    timezone     a name of the IANA database
    statuses     a list of text
    signals      a list of signals
    weights      a map from interaction types to numbers from 0
    rule         a tree of rules
    tiers        a list of {name, when}
-#}
{% macro setting_value_problems(check, value, where, path) %}
    {% if check == 'rule' %}
        {% do return(rule_problems(value, where, path)) %}
    {% elif check == 'tiers' %}
        {% do return(_tiers_problems(value, where, path)) %}
    {% elif check == 'statuses' %}
        {% do return(_statuses_problems(value, where, path)) %}
    {% elif check == 'signals' %}
        {% do return(_signals_problems(value, where, path)) %}
    {% elif check == 'weights' %}
        {% do return(_weights_problems(value, where, path)) %}
    {% endif %}

    {% if check == 'days' %}
        {% set problem = days_problem(value) %}
    {% elif check == 'boolean' %}
        {% set problem = boolean_problem(value) %}
    {% elif check == 'timezone' %}
        {% set problem = _timezone_problem(value) %}
    {% elif check == 'currency' %}
        {% set problem = none %}
        {% if value is not none and (value is not string or not value | trim) %}
            {% set problem = shown_value(value) ~ ' is not a currency; '
               ~ "write text such as 'EUR', or null for no check." %}
        {% endif %}
    {% elif check == 'share' %}
        {% set problem = number_problem(value, 0, 1, 'a number from 0 to 1') %}
    {% elif check == 'positive' %}
        {% set problem = number_problem(value, 0, none, 'a number above 0') %}
        {% if problem is none and value == 0 %}
            {% set problem = '0 is not a number above 0.' %}
        {% endif %}
    {% elif check == 'yearly_rate' %}
        {% set wanted = 'a rate from 0 to below 10 (0.10 is ten percent)' %}
        {% set problem = number_problem(value, 0, 10, wanted) %}
        {% if problem is none and value == 10 %}
            {% set problem = shown_value(value) ~ ' is not ' ~ wanted ~ '.' %}
        {% endif %}
    {% endif %}
    {% if problem is none %}
        {% do return([]) %}
    {% endif %}
    {% do return([where ~ ", setting '" ~ path ~ "': " ~ problem]) %}
{% endmacro %}


{#- Why the value is not a name of a time zone, or none. -#}
{% macro _timezone_problem(value) %}
    {% if value is string and value in modules.pytz.all_timezones_set %}
        {% do return(none) %}
    {% endif %}
    {#- Etc/GMT+9 lies nine hours west of Greenwich, and EST is near to any
        three letters: never suggested -#}
    {% set zones = [] %}
    {% for zone in modules.pytz.all_timezones
       if '/' in zone and not zone.startswith('Etc/') or zone == 'UTC' %}
        {% do zones.append(zone) %}
    {% endfor %}
    {% set nearest = nearest_name(
        value | trim | replace(' ', '_') if value is string else none, zones
    ) %}
    {% if nearest is not none %}
        {% set hint = "; did you mean '" ~ nearest ~ "'?" %}
    {% else %}
        {% set hint = "; write a name such as 'Asia/Seoul' or 'UTC'." %}
    {% endif %}
    {% do return(shown_value(value) ~ ' is not a time zone' ~ hint) %}
{% endmacro %}


{#- The problems of a list of order statuses. -#}
{% macro _statuses_problems(value, where, path) %}
    {% set problems = [] %}
    {% if not _is_list(value) or not value %}
        {% do problems.append(
            where ~ ", setting '" ~ path ~ "': " ~ shown_value(value)
            ~ ' is not a list of one status or more.'
        ) %}
        {% do return(problems) %}
    {% endif %}
    {% for status in value %}
        {% if status is not string or not status | trim %}
            {% do problems.append(
                where ~ ", setting '" ~ path ~ '[' ~ loop.index0 ~ "]': "
                ~ shown_value(status)
                ~ ' is not a status; write text in quotes.'
            ) %}
        {% endif %}
    {% endfor %}
    {% do return(problems) %}
{% endmacro %}


{#- The problems of a list of signals. -#}
{% macro _signals_problems(value, where, path) %}
    {% set problems = [] %}
    {% set allowed = ['order', 'subscription'] + interaction_group_names() %}
    {% if not _is_list(value) or not value %}
        {% do problems.append(
            where ~ ", setting '" ~ path ~ "': " ~ shown_value(value)
            ~ ' is not a list of one signal or more; allowed: '
            ~ allowed | join(', ') ~ '.'
        ) %}
        {% do return(problems) %}
    {% endif %}
    {% for signal in value %}
        {% set start = where ~ ", setting '" ~ path ~ '[' ~ loop.index0 ~ "]': " %}
        {% if signal is not string or signal not in allowed %}
            {% do problems.append(
                start ~ shown_value(signal) ~ ' is not a signal'
                ~ name_hint(signal, allowed)
            ) %}
        {% elif signal in value[:loop.index0] %}
            {% do problems.append(
                start ~ shown_value(signal) ~ ' is there twice.'
            ) %}
        {% endif %}
    {% endfor %}
    {% do return(problems) %}
{% endmacro %}


{#- The problems of a map of weights. -#}
{% macro _weights_problems(value, where, path) %}
    {% set problems = [] %}
    {% if value is not mapping %}
        {% do problems.append(
            where ~ ", setting '" ~ path ~ "': " ~ shown_value(value)
            ~ ' is not a map from interaction types to weights.'
        ) %}
        {% do return(problems) %}
    {% endif %}
    {% set types = interaction_type_names() %}
    {% for key, weight in value.items() %}
        {% set start = where ~ ", setting '" ~ path ~ '.'
           ~ one_line(key if key is string else shown_value(key)) ~ "': " %}
        {% if key is not string or key not in types %}
            {% do problems.append(
                start ~ 'no such interaction type' ~ name_hint(key, types)
            ) %}
        {% else %}
            {% set problem = number_problem(
                weight, 0, none, 'a weight of 0 or more'
            ) %}
            {% if problem is not none %}
                {% do problems.append(start ~ problem) %}
            {% endif %}
        {% endif %}
    {% endfor %}
    {% do return(problems) %}
{% endmacro %}


{#- The problems of a list of loyalty tiers. -#}
{% macro _tiers_problems(value, where, path) %}
    {% set problems = [] %}
    {% if not _is_list(value) %}
        {% do problems.append(
            where ~ ", setting '" ~ path ~ "': " ~ shown_value(value)
            ~ ' is not a list of tiers; write [] for none.'
        ) %}
        {% do return(problems) %}
    {% endif %}
    {% set names = [] %}
    {% for tier in value %}
        {% set at = path ~ '[' ~ loop.index0 ~ ']' %}
        {% set start = where ~ ", setting '" ~ at %}
        {% if tier is not mapping or not tier %}
            {% do problems.append(
                start ~ "': " ~ shown_value(tier)
                ~ " is not a tier; a tier is a map with 'name' and 'when'."
            ) %}
        {% else %}
            {% set unknown = tier | reject('in', ['name', 'when']) | list %}
            {% for key in unknown %}
                {% do problems.append(
                    start ~ '.'
                    ~ one_line(key if key is string else shown_value(key))
                    ~ "': no such setting" ~ name_hint(key, ['name', 'when'])
                ) %}
            {% endfor %}
            {% if not unknown %}
                {% for key in ['name', 'when'] if key not in tier %}
                    {% do problems.append(
                        start ~ "': a tier needs '" ~ key ~ "'."
                    ) %}
                {% endfor %}
            {% endif %}
            {% if 'name' in tier %}
                {% set name = tier['name'] %}
                {% if name is not string or not name | trim %}
                    {% set problem = ' is not a name; write text in quotes.' %}
                {% elif name | trim | lower == 'none' %}
                    {% set problem = ' stands for no tier; take another name.' %}
                {% elif name in names %}
                    {% set problem = ' is the name of an earlier tier, too.' %}
                {% else %}
                    {% set problem = none %}
                {% endif %}
                {% if problem is not none %}
                    {% do problems.append(
                        start ~ ".name': " ~ shown_value(name) ~ problem
                    ) %}
                {% endif %}
                {% do names.append(name) %}
            {% endif %}
            {% if 'when' in tier %}
                {% do problems.extend(
                    rule_problems(tier['when'], where, at ~ '.when', false)
                ) %}
            {% endif %}
        {% endif %}
    {% endfor %}
    {% do return(problems) %}
{% endmacro %}


{#- Whether the value is a list: text and maps are sequences to Jinja. -#}
{% macro _is_list(value) %}
    {% do return(
        value is sequence and value is not string and value is not mapping
    ) %}
{% endmacro %}
