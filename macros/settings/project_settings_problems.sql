{# Never raises, whatever the values are. #}
{% macro project_settings_problems(
    as_of_date=none,
    only_brand=none,
    raw_schema=none,
    raw_database=none,
    raw_dir=none,
    raw_csv={},
    raw_project=none,
    raw_tables=none,
    max_source_age_days={},
    max_rejected_share=0.05,
    max_customer_order_share=0.05,
    fail_on_rejected_share=false,
    max_row_drop_share=0.2,
    annual_discount_rate=0.10,
    clv_min_repeat_customers=50,
    clv_refit='always',
    spark_file_format='parquet',
    target_type=none
) %}
    {% set problems = [] %}
    {% set warehouse = target_type if target_type is not none else target.type %}

    {% if as_of_date is not none %}
        {% set wrong = _wrong_day_text(as_of_date) %}
        {% if wrong is not none %}
            {% set of_environment = execute and as_of_date and env_var('LIFECYCLE_AS_OF_DATE', '') == as_of_date %}
            {% do problems.append(
                "Setting 'as_of_date'" ~ (' (LIFECYCLE_AS_OF_DATE)' if of_environment else '') ~ ': ' ~ wrong
            ) %}
        {% endif %}
    {% endif %}

    {% set brands = var('brands', {}) %}
    {% if only_brand is not none and brands is mapping %}
        {% set names = brands | map('string') | list %}
        {% if only_brand is not string or only_brand not in names %}
            {% do problems.append(
                "Setting 'only_brand': " ~ shown_value(only_brand) ~ ' is not one of the brands'
                ~ name_hint(only_brand, names)
            ) %}
        {% endif %}
    {% endif %}

    {% for name, value in [
        ['raw_schema', raw_schema], ['raw_database', raw_database], ['raw_dir', raw_dir], ['raw_project', raw_project]
    ] %}
        {% if value is not none and (value is not string or not value | trim) %}
            {% do problems.append(
                "Setting '" ~ name ~ "': " ~ shown_value(value) ~ ' is not a name; write text in quotes.'
            ) %}
        {% endif %}
    {% endfor %}
    {% if raw_dir is not none and raw_schema is not none %}
        {% do problems.append(
            "Setting 'raw_dir': " ~ shown_value(raw_dir) ~ " is set together with 'raw_schema' "
            ~ shown_value(raw_schema) ~ '; set only one of them.'
        ) %}
    {% endif %}
    {% for name, value in [['raw_dir', raw_dir], ['raw_schema', raw_schema]]
       if raw_project is not none and value is not none %}
        {% do problems.append(
            "Setting 'raw_project': " ~ shown_value(raw_project) ~ " is set together with '" ~ name ~ "' "
            ~ shown_value(value) ~ '; set only one of them.'
        ) %}
    {% endfor %}
    {% if raw_dir is not none and warehouse not in ['duckdb', 'spark'] %}
        {% do problems.append(
            "Setting 'raw_dir': " ~ shown_value(raw_dir) ~ ' is read only on duckdb and spark, but the target is '
            ~ warehouse ~ "; land the tables and set 'raw_schema'."
        ) %}
    {% elif raw_dir is string and warehouse == 'spark' and not (raw_dir.startswith('/') or '://' in raw_dir) %}
        {% do problems.append(
            "Setting 'raw_dir': " ~ shown_value(raw_dir) ~ ' depends on the folder of whoever reads it, and Spark reads'
            ~ ' on several machines; write a path from / or a URL.'
        ) %}
    {% endif %}
    {% if raw_database is not none and warehouse == 'spark' %}
        {% do problems.append(
            "Setting 'raw_database': " ~ shown_value(raw_database) ~ ' is set, but tables of Spark have a schema and a'
            ~ " name alone; leave it out, and set 'raw_schema'."
        ) %}
    {% endif %}
    {% if raw_database is not none and raw_schema is none %}
        {% do problems.append(
            "Setting 'raw_database': " ~ shown_value(raw_database) ~ " requires 'raw_schema'."
        ) %}
    {% endif %}

    {% do problems.extend(_raw_csv_problems(raw_csv)) %}

    {% if raw_tables is not none %}
        {% for problem in _raw_tables_problems(raw_tables) %}
            {% do problems.append("Setting 'raw_tables': " ~ problem) %}
        {% endfor %}
    {% endif %}

    {% if max_source_age_days is not mapping %}
        {% do problems.append(
            "Setting 'max_source_age_days': " ~ shown_value(max_source_age_days)
            ~ ' is not a map from tables to days, such as {orders: 2}.'
        ) %}
    {% else %}
        {% set names = customer_lifecycle.raw_tables() | list %}
        {% for table, days in max_source_age_days.items() %}
            {% if table not in names %}
                {% do problems.append(
                    "Setting 'max_source_age_days': " ~ shown_value(table) ~ ' is not one of the six tables'
                    ~ name_hint(table, names)
                ) %}
            {% elif days is not none and not (days is integer and days is not boolean and days >= 0) %}
                {% do problems.append(
                    "Setting 'max_source_age_days." ~ table ~ "': " ~ wrong_number_text(days, 'a whole number from 0')
                ) %}
            {% endif %}
        {% endfor %}
    {% endif %}
    {% for name, value in [
        ['max_rejected_share', max_rejected_share], ['max_customer_order_share', max_customer_order_share]
    ] if not ((value is integer or value is float) and value >= 0 and value <= 1) %}
        {% do problems.append("Setting '" ~ name ~ "': " ~ wrong_number_text(value, 'a number from 0 to 1')) %}
    {% endfor %}
    {% if fail_on_rejected_share is not boolean %}
        {% do problems.append("Setting 'fail_on_rejected_share': " ~ wrong_boolean_text(fail_on_rejected_share)) %}
    {% endif %}
    {% if not ((max_row_drop_share is integer or max_row_drop_share is float)
               and max_row_drop_share >= 0 and max_row_drop_share <= 1) %}
        {% do problems.append(
            "Setting 'max_row_drop_share': " ~ wrong_number_text(max_row_drop_share, 'a number from 0 to 1')
        ) %}
    {% endif %}
    {% if not ((annual_discount_rate is integer or annual_discount_rate is float)
               and annual_discount_rate >= 0 and annual_discount_rate < 10) %}
        {% do problems.append(
            "Setting 'annual_discount_rate': "
            ~ wrong_number_text(annual_discount_rate, 'a rate from 0 to below 10 (0.10 is ten percent)')
        ) %}
    {% endif %}
    {% if not (clv_min_repeat_customers is integer and clv_min_repeat_customers >= 1) %}
        {% do problems.append(
            "Setting 'clv_min_repeat_customers': "
            ~ wrong_number_text(clv_min_repeat_customers, 'a whole number from 1')
        ) %}
    {% endif %}
    {% if clv_refit not in ['always', 'never'] %}
        {% set days = clv_refit['when_older_than']
           if clv_refit is mapping and (clv_refit | list) == ['when_older_than'] %}
        {% if not (days is integer and days >= 0) %}
            {% do problems.append(
                "Setting 'clv_refit': " ~ shown_value(clv_refit)
                ~ " is not one of always, never, {when_older_than: a whole number of days}"
                ~ name_hint(clv_refit, ['always', 'never', 'when_older_than'])
            ) %}
        {% endif %}
    {% endif %}
    {% set formats = ['parquet', 'iceberg', 'delta'] %}
    {% if spark_file_format not in formats %}
        {% do problems.append(
            "Setting 'spark_file_format': " ~ shown_value(spark_file_format) ~ ' is not one of ' ~ formats | join(', ')
            ~ name_hint(spark_file_format, formats)
        ) %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}

{#
    Why a value is not a day of the calendar: a sentence, or none for a day. YAML turns an unquoted day into a date.
#}
{% macro _wrong_day_text(value) %}
    {#- a date reads the same as text; one with a time of day is longer -#}
    {% set text = value | string %}
    {% if not modules.re.match('^[0-9]{4}-[0-9]{2}-[0-9]{2}$', text) or (text | length) != 10 %}
        {{ return(shown_value(value) ~ " is not a date; write it like '2025-12-31'.") }}
    {% endif %}
    {% set year = text[:4] | int %}
    {% set month = text[5:7] | int %}
    {% set is_leap_year = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) %}
    {% set days_of_month = [0, 31, 29 if is_leap_year else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] %}
    {% if year < 1 or month < 1 or month > 12 or (text[8:] | int) < 1 or (text[8:] | int) > days_of_month[month] %}
        {{ return(shown_value(value) ~ ' is not a calendar date.') }}
    {% endif %}
    {{ return(none) }}
{% endmacro %}

{#
    The problems of the list of raw tables, as a list of sentences.
#}
{% macro _raw_tables_problems(listed) %}
    {% set problems = [] %}
    {% set names = raw_tables() | list %}
    {% if listed is string or listed is mapping or listed is not sequence %}
        {{ return([shown_value(listed) ~ ' is not a list of tables' ~ name_hint(none, names)]) }}
    {% endif %}
    {% set earlier = [] %}
    {% for name in listed %}
        {% if name is not string or name not in names %}
            {% do problems.append(shown_value(name) ~ ' is not one of the six tables' ~ name_hint(name, names)) %}
        {% elif name in earlier %}
            {% do problems.append(shown_value(name) ~ ' is listed twice.') %}
        {% endif %}
        {% do earlier.append(name) %}
    {% endfor %}
    {% if 'orders' not in earlier and not problems %}
        {% do problems.append(shown_value(listed) ~ " lacks 'orders', the only required table.") %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}

{#
    The problems of the settings of CSV files, as a list of messages.
#}
{% macro _raw_csv_problems(raw_csv) %}
    {% set problems = [] %}
    {% set names = ['delimiter', 'encoding', 'decimal'] %}
    {% if raw_csv is not mapping %}
        {{ return([
            "Setting 'raw_csv': " ~ shown_value(raw_csv) ~ " is not a map of settings, such as {delimiter: ';'}."
        ]) }}
    {% endif %}
    {% for name, value in raw_csv.items() %}
        {% set wrong = none %}
        {% if name not in names %}
            {% do problems.append(
                "Setting 'raw_csv': " ~ shown_value(name) ~ ' is no such setting' ~ name_hint(name, names)
            ) %}
        {% elif name == 'delimiter' %}
            {% if value is not string or not modules.re.match('^[\t -!#-/:-@\\[-`{-~]$', value) %}
                {% set wrong = " is not a delimiter; write one character in quotes: ',', ';', '|' or "
                    ~ '"\\t" for a tab.' %}
            {% endif %}
        {% elif name == 'encoding' %}
            {% set encodings = ['utf-8', 'utf-16', 'latin-1'] %}
            {% if value is not string or value | lower not in encodings %}
                {% set wrong = ' is not one of ' ~ encodings | join(', ') ~ '; convert the file, such as with'
                    ~ ' iconv -f ' ~ (value | upper if value is string and modules.re.match('^[A-Za-z0-9._-]+$', value)
                                      else 'CP949')
                    ~ ' -t UTF-8 orders.csv > orders.utf-8' %}
            {% endif %}
        {% elif value not in ['.', ','] %}
            {% set wrong = " is not '.' or ','." %}
        {% endif %}
        {% if wrong is not none %}
            {% do problems.append("Setting 'raw_csv." ~ name ~ "': " ~ shown_value(value) ~ wrong) %}
        {% endif %}
    {% endfor %}
    {% if not problems and raw_csv.get('decimal', '.') == ',' and raw_csv.get('delimiter', ',') == ',' %}
        {% do problems.append(
            "Setting 'raw_csv.decimal': ',' is also the delimiter; set raw_csv.delimiter, such as to ';'."
        ) %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}
