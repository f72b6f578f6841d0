{#
    Everything that is wrong with one map of settings: a brand's, or `brand_defaults`.
    Takes: the map; `known`, a dict of what is allowed: `checks` (brand_setting_checks), `metrics`, `signals`,
    interaction `types` and time `zones`.
    Gives: a list of [dotted path, sentence]. Raises: nothing, whatever the values are. A call of a macro costs more
    than all else here, so what is right is found out in place, and only what is wrong calls macros.
#}
{% macro settings_map_problems(settings, known) %}
    {% set problems = [] %}
    {% set level = namespace(maps=[['', settings, known.checks]]) %}
    {#- level by level: a map within a map is for the next round, and none lies deeper than alerts.<type>.<key> -#}
    {% for depth in range(3) %}
        {% set deeper = [] %}
        {% for prefix, given, checks in level.maps %}
            {% for key, value in given.items() %}
                {% set path = prefix ~ (key if key is string else shown_value(key)) %}
                {% set check = checks[key] if key is string and key in checks else none %}
                {% set is_number = (value is integer or value is float) and value >= -1e308 and value <= 1e308 %}
                {% set is_list = value is sequence and value is not string and value is not mapping %}
                {% set wrong = none %}

                {% if check is none %}
                    {% set wrong = 'no such setting' ~ name_hint(key, checks | list) %}
                {% elif check is mapping %}
                    {% if value is mapping %}
                        {% do deeper.append([path ~ '.', value, check]) %}
                    {% else %}
                        {% set wrong = shown_value(value) ~ ' is not a map of settings'
                           ~ name_hint(none, check | list) %}
                    {% endif %}

                {% elif check == 'days' %}
                    {% if not (value is integer and value >= 1 and value <= 1000000) %}
                        {% set wrong = wrong_days_text(value) %}
                    {% endif %}
                {% elif check == 'share' %}
                    {% if not (is_number and value >= 0 and value <= 1) %}
                        {% set wrong = wrong_number_text(value, 'a number from 0 to 1') %}
                    {% endif %}
                {% elif check == 'positive' %}
                    {% if not (is_number and value > 0) %}
                        {% set wrong = wrong_number_text(value, 'a number above 0') %}
                    {% endif %}
                {% elif check == 'yearly_rate' %}
                    {% if not (is_number and value >= 0 and value < 10) %}
                        {% set wrong = wrong_number_text(value, 'a rate from 0 to below 10 (0.10 is ten percent)') %}
                    {% endif %}
                {% elif check == 'boolean' %}
                    {% if value is not boolean %}
                        {% set wrong = wrong_boolean_text(value) %}
                    {% endif %}
                {% elif check == 'currency' %}
                    {% if not (value is none
                               or (value is string and modules.re.match('^[A-Za-z]{3}$', value | trim))) %}
                        {% set wrong = shown_value(value)
                           ~ " is not a currency; write its three letters, such as 'EUR', or null for no check." %}
                    {% endif %}
                {% elif check == 'timezone' %}
                    {#- dbt's v2 parser has no list of time zones: there any text will do -#}
                    {% if value is not string or (value not in known.zones and 'UTC' in known.zones) %}
                        {% set wrong = wrong_timezone_text(value) %}
                    {% endif %}

                {% elif check == 'clv_model' %}
                    {% if value is not string or value not in ['mbg_nbd', 'bg_nbd'] %}
                        {% set wrong = shown_value(value) ~ ' is not a model of orders'
                           ~ name_hint(value, ['mbg_nbd', 'bg_nbd']) %}
                    {% endif %}

                {% elif check == 'statuses' %}
                    {% if not is_list or not value %}
                        {% set wrong = shown_value(value) ~ ' is not a list of one status or more.' %}
                    {% else %}
                        {% for status in value %}
                            {% if status is not string or not status | trim %}
                                {% do problems.append([
                                    path ~ '[' ~ loop.index0 ~ ']',
                                    shown_value(status) ~ ' is not a status; write text in quotes.'
                                ]) %}
                            {% endif %}
                        {% endfor %}
                    {% endif %}
                {% elif check == 'signals' %}
                    {% if not is_list or not value %}
                        {% set wrong = shown_value(value) ~ ' is not a list of one signal or more'
                           ~ name_hint(none, known.signals) %}
                    {% else %}
                        {% for signal in value %}
                            {% if signal is not string or signal not in known.signals %}
                                {% do problems.append([
                                    path ~ '[' ~ loop.index0 ~ ']',
                                    shown_value(signal) ~ ' is not a signal' ~ name_hint(signal, known.signals)
                                ]) %}
                            {% elif signal in value[:loop.index0] %}
                                {% do problems.append([
                                    path ~ '[' ~ loop.index0 ~ ']', shown_value(signal) ~ ' is there twice.'
                                ]) %}
                            {% endif %}
                        {% endfor %}
                    {% endif %}
                {% elif check == 'weights' %}
                    {% if value is not mapping %}
                        {% set wrong = shown_value(value) ~ ' is not a map from interaction types to weights.' %}
                    {% else %}
                        {% for type, weight in value.items() %}
                            {% if type is not string or type not in known.types %}
                                {% do problems.append([
                                    path ~ '.' ~ (type if type is string else shown_value(type)),
                                    'no such interaction type' ~ name_hint(type, known.types)
                                ]) %}
                            {% elif not ((weight is integer or weight is float) and weight >= 0 and weight <= 1e308) %}
                                {% do problems.append([
                                    path ~ '.' ~ type, wrong_number_text(weight, 'a weight of 0 or more')
                                ]) %}
                            {% elif weight > 1000000 or 0 < weight and weight < 0.000001 %}
                                {#- points are summed with six decimals -#}
                                {% do problems.append([
                                    path ~ '.' ~ type,
                                    shown_value(weight) ~ ' is not a weight from 0.000001 to 1000000, or 0.'
                                ]) %}
                            {% endif %}
                        {% endfor %}
                    {% endif %}

                {% elif check == 'rule' %}
                    {% do problems.extend(rule_problems(value, path, known.metrics)) %}
                {% elif check == 'tiers' %}
                    {% if not is_list %}
                        {% set wrong = shown_value(value) ~ ' is not a list of tiers; write [] for none.' %}
                    {% elif value %}
                        {% do problems.extend(_tiers_problems(value, path, known.metrics)) %}
                    {% endif %}
                {% endif %}

                {% if wrong is not none %}
                    {% do problems.append([path, wrong]) %}
                {% endif %}
            {% endfor %}
        {% endfor %}
        {% set level.maps = deeper %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}

{#
    The problems of a list of loyalty tiers.
    Takes: the list; its path; the metrics there are. Gives: a list of [path, sentence].
#}
{% macro _tiers_problems(tiers, path, metrics) %}
    {% set problems = [] %}
    {% set names = [] %}
    {% for tier in tiers %}
        {% set at = path ~ '[' ~ loop.index0 ~ ']' %}
        {% if tier is not mapping or not tier %}
            {% do problems.append([
                at, shown_value(tier) ~ " is not a tier; a tier is a map with 'name' and 'when'."
            ]) %}
        {% else %}
            {% set unknown = tier | list | reject('in', ['name', 'when']) | list %}
            {% for key in unknown %}
                {% do problems.append([
                    at ~ '.' ~ (key if key is string else shown_value(key)),
                    'no such setting' ~ name_hint(key, ['name', 'when'])
                ]) %}
            {% endfor %}
            {% for key in ['name', 'when'] if key not in tier and not unknown %}
                {% do problems.append([at, "a tier needs '" ~ key ~ "'."]) %}
            {% endfor %}
            {% if 'name' in tier %}
                {% set name = tier['name'] %}
                {% set wrong = none %}
                {% if name is not string or not name | trim %}
                    {% set wrong = ' is not a name; write text in quotes.' %}
                {% elif (name | trim | lower) == 'none' %}
                    {% set wrong = ' stands for no tier; take another name.' %}
                {% elif name in names %}
                    {% set wrong = ' is the name of an earlier tier, too.' %}
                {% endif %}
                {% if wrong is not none %}
                    {% do problems.append([at ~ '.name', shown_value(name) ~ wrong]) %}
                {% endif %}
                {% do names.append(name) %}
            {% endif %}
            {% if 'when' in tier %}
                {% do problems.extend(rule_problems(tier['when'], at ~ '.when', metrics, names_are_unique=false)) %}
            {% endif %}
        {% endif %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}
