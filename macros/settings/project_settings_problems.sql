{#-
    Everything that is wrong with the vars of the whole project.

    Takes: the vars' values (see project_settings); target_type, the kind of
    warehouse (none: that of the target).
    Gives: a list of messages, empty when all is well.  Raises: nothing.
-#}
{% macro project_settings_problems(
    as_of_date=none,
    raw_schema=none,
    raw_database=none,
    raw_dir=none,
    raw_tables=none,
    max_rejected_share=0.05,
    fail_on_rejected_share=false,
    target_type=none
) %}
    {% set target_type = target_type or target.type %}
    {% set found = [['as_of_date', _day_problem(as_of_date)]] %}

    {% set places = {
        'raw_schema': raw_schema,
        'raw_database': raw_database,
        'raw_dir': raw_dir,
    } %}
    {% for name, value in places.items() %}
        {% if value is not none and (value is not string or not value | trim) %}
            {% do found.append([
                name, shown_value(value) ~ ' is not text; write a name in quotes.'
            ]) %}
        {% endif %}
    {% endfor %}
    {% if raw_dir is not none and raw_schema is not none %}
        {% do found.append([
            'raw_dir', shown_value(raw_dir) ~ " stands beside 'raw_schema' "
            ~ shown_value(raw_schema) ~ '; the tables are in one or the other.'
        ]) %}
    {% endif %}
    {% if raw_dir is not none and target_type != 'duckdb' %}
        {% do found.append([
            'raw_dir', shown_value(raw_dir) ~ ' works on duckdb alone, and '
            ~ 'the target is ' ~ target_type ~ "; use 'raw_schema'."
        ]) %}
    {% endif %}
    {% if raw_database is not none and raw_schema is none %}
        {% do found.append([
            'raw_database', shown_value(raw_database)
            ~ " needs 'raw_schema' beside it."
        ]) %}
    {% endif %}

    {% do found.extend(_raw_tables_problems(raw_tables)) %}
    {% do found.append(['max_rejected_share', number_problem(
        max_rejected_share, 0, 1, 'a number from 0 to 1'
    )]) %}
    {% do found.append([
        'fail_on_rejected_share', boolean_problem(fail_on_rejected_share)
    ]) %}

    {% set problems = [] %}
    {% for name, problem in found if problem is not none %}
        {% do problems.append("Setting '" ~ name ~ "': " ~ problem) %}
    {% endfor %}
    {% do return(problems) %}
{% endmacro %}


{#- Why the value is not a day of the calendar, or none; none is a value. -#}
{% macro _day_problem(value) %}
    {% if value is none %}
        {% do return(none) %}
    {% endif %}
    {#- YAML delivers an unquoted day as a date, which reads the same as text,
        and a day with a time as something longer -#}
    {% set text = value | string
       if value is string or value.isoformat is defined else '' %}
    {% if modules.re.fullmatch('[0-9]{4}-[0-9]{2}-[0-9]{2}', text) %}
        {% set year, month, day = text[:4] | int, text[5:7] | int, text[8:] | int %}
        {% set is_leap_year = (
            year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        ) %}
        {% set days = [
            31, 29 if is_leap_year else 28, 31, 30, 31, 30,
            31, 31, 30, 31, 30, 31,
        ] %}
        {% if year >= 1 and 1 <= month <= 12 and 1 <= day <= days[month - 1] %}
            {% do return(none) %}
        {% endif %}
        {% do return(shown_value(value) ~ ' is not a day of the calendar.') %}
    {% endif %}
    {% do return(
        shown_value(value) ~ " is not a day; write it as '2025-12-31'."
    ) %}
{% endmacro %}


{#- The problems of the list of tables, as pairs of setting and problem. -#}
{% macro _raw_tables_problems(listed) %}
    {% set found = [] %}
    {% set names = raw_tables() | list %}
    {% if listed is none %}
        {% do return([]) %}
    {% elif not _is_list(listed) %}
        {% do return([['raw_tables', shown_value(listed)
            ~ ' is not a list of tables; allowed: ' ~ names | join(', ') ~ '.'
        ]]) %}
    {% endif %}
    {% for name in listed %}
        {% if name is not string or name not in names %}
            {% do found.append(['raw_tables', shown_value(name)
                ~ ' is not one of the six tables' ~ name_hint(name, names)
            ]) %}
        {% elif name in listed[:loop.index0] %}
            {% do found.append(
                ['raw_tables', shown_value(name) ~ ' is there twice.']
            ) %}
        {% endif %}
    {% endfor %}
    {% if 'orders' not in listed and not found %}
        {% do found.append(['raw_tables', shown_value(listed)
            ~ " lacks 'orders', the one table that must be there."
        ]) %}
    {% endif %}
    {% do return(found) %}
{% endmacro %}
