{#
    Never raises, whatever the values are. A macro call costs more than everything else here, so valid values are
    recognized inline, and only faulty ones call macros.
#}
{% macro settings_map_problems(settings, known) %}
    {% set problems = [] %}
    {% set level = namespace(maps=[['', settings, known.checks]]) %}
    {#- level by level: a map within a map waits for the next round; none lies deeper than alerts.<type>.<key> -#}
    {% for depth in range(3) %}
        {% set deeper = [] %}
        {% for prefix, given, checks in level.maps %}
            {% for key, value in given.items() %}
                {% set path = prefix ~ (key if key is string else shown_value(key)) %}
                {% set check = checks[key] if key is string and key in checks else none %}
                {% set is_number = (value is integer or value is float) and value >= -1e308 and value <= 1e308 %}
                {% set is_list = value is sequence and value is not string and value is not mapping %}
                {% set wrong = none %}

                {% if path == 'alerts.loyal_at_risk.p_alive' %}
                    {% set wrong = "this limit is gone; set 'churn_probability' in its place." %}
                {% elif check is none %}
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
                {% elif check == 'days_or_none' %}
                    {% if not (value is integer and value >= 0 and value <= 1000000) %}
                        {% set wrong = wrong_days_text(value, 'a whole number from 0') %}
                    {% endif %}
                {% elif check == 'share' %}
                    {% if not (is_number and value >= 0 and value <= 1) %}
                        {% set wrong = wrong_number_text(value, 'a number from 0 to 1') %}
                    {% endif %}
                {% elif check == 'margin' %}
                    {% if not (is_number and value > 0 and value <= 1) %}
                        {% set wrong = wrong_number_text(value, 'a number above 0, at most 1 (0.4 keeps 40 percent)') %}
                    {% endif %}
                {% elif check == 'rise' %}
                    {% if not (is_number and value >= 0) %}
                        {% set wrong = wrong_number_text(value, 'a number from 0') %}
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
                        {% set wrong = shown_value(value) ~ ' is not a currency; write its three-letter code, such as '
                           ~ "'EUR', or null to skip the check." %}
                    {% endif %}
                {% elif check == 'timezone' %}
                    {#- dbt's v2 parser has no list of time zones: it accepts any text -#}
                    {% if value is not string or (value not in known.zones and 'UTC' in known.zones) %}
                        {% set wrong = wrong_timezone_text(value) %}
                    {% endif %}

                {% elif check == 'language' %}
                    {% if value is not string or value not in ['en', 'ko', 'zh'] %}
                        {% set wrong = shown_value(value) ~ ' is not a language of alerts and reports'
                           ~ name_hint(value, ['en', 'ko', 'zh']) %}
                    {% endif %}

                {% elif check == 'name_or_none' %}
                    {% if not (value is none
                               or (value is string and value | trim == value and 1 <= (value | length) <= 60
                                   and one_line(value) == value)) %}
                        {% set wrong = shown_value(value) ~ ' is not a name; write one line of at most 60 characters,'
                           ~ ' without spaces around it, or null to show the brand id.' %}
                    {% endif %}

                {% elif check == 'colour_or_none' %}
                    {% set wrong = none if value is none else wrong_colour_text(value) %}

                {% elif check == 'clv_model' %}
                    {% if value is not string or value not in ['mbg_nbd', 'bg_nbd'] %}
                        {% set wrong = shown_value(value) ~ ' is not a model of orders'
                           ~ name_hint(value, ['mbg_nbd', 'bg_nbd']) %}
                    {% endif %}

                {% elif check == 'recency_shares' %}
                    {% set wrong = wrong_recency_shares_text(value) %}

                {% elif check == 'statuses' %}
                    {% if not is_list or not value %}
                        {% set wrong = shown_value(value) ~ ' is not a list of at least one status.' %}
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
                        {% set wrong = shown_value(value) ~ ' is not a list of at least one signal'
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
                                    path ~ '[' ~ loop.index0 ~ ']', shown_value(signal) ~ ' is listed twice.'
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
                                {#- points are summed to six decimals -#}
                                {% do problems.append([
                                    path ~ '.' ~ type,
                                    shown_value(weight) ~ ' is not a weight from 0.000001 to 1000000, or 0.'
                                ]) %}
                            {% endif %}
                        {% endfor %}
                    {% endif %}

                {% elif check == 'time_columns' %}
                    {% if value is not mapping %}
                        {% set wrong = shown_value(value)
                           ~ ' is not a map from raw tables to columns, such as {orders: [ordered_at]}.' %}
                    {% else %}
                        {% do problems.extend(_time_columns_problems(value, path, known.times)) %}
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
    The problems of a map from raw tables to their time columns, as a list of [path, sentence].
#}
{% macro _time_columns_problems(given, path, times) %}
    {% set problems = [] %}
    {% for table, columns in given.items() %}
        {% set at = path ~ '.' ~ (table if table is string else shown_value(table)) %}
        {% if table is not string or table not in times %}
            {% do problems.append([at, 'no such raw table' ~ name_hint(table, times | list)]) %}
        {% elif columns is string or columns is mapping or columns is not sequence %}
            {% do problems.append([
                at, shown_value(columns) ~ ' is not a list of columns; write [' ~ times[table] | join(', ') ~ '].'
            ]) %}
        {% else %}
            {% for column in columns %}
                {% if column is not string or column not in times[table] %}
                    {% do problems.append([
                        at ~ '[' ~ loop.index0 ~ ']',
                        shown_value(column) ~ ' is not a column of ' ~ table ~ ' that a business date is taken from'
                        ~ name_hint(column, times[table])
                    ]) %}
                {% elif column in columns[:loop.index0] %}
                    {% do problems.append([
                        at ~ '[' ~ loop.index0 ~ ']', shown_value(column) ~ ' is listed twice.'
                    ]) %}
                {% endif %}
            {% endfor %}
        {% endif %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}

{#
    The problems of a list of loyalty tiers, as a list of [path, sentence].
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
                    {% set wrong = ' is reserved for customers without a tier; choose another name.' %}
                {% elif name in names %}
                    {% set wrong = ' is already the name of an earlier tier.' %}
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
