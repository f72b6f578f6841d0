{#-
    The vars that hold for the whole project, checked.

    Takes: nothing; reads the vars.
    Gives: a map with
      as_of_date              text YYYY-MM-DD, or none: the latest order's day
      raw_schema, raw_database, raw_dir   text, or none
      raw_tables              a list of table names, or none: all six, and
                              with raw_dir those whose files exist
      max_rejected_share      a number from 0 to 1
      fail_on_rejected_share  true or false
    Raises: one compiler error with all problems.
-#}
{% macro project_settings() %}
    {% set given = _given_project_settings() %}
    {% do settings_error(project_settings_problems(**given)) %}
    {% if given.as_of_date is not none %}
        {% do given.update({'as_of_date': given.as_of_date | string}) %}
    {% endif %}
    {% do return(given) %}
{% endmacro %}


{#- The project's vars as they are, with the defaults of those not set. -#}
{% macro _given_project_settings() %}
    {% do return({
        'as_of_date': var('as_of_date', none),
        'raw_schema': var('raw_schema', none),
        'raw_database': var('raw_database', none),
        'raw_dir': var('raw_dir', none),
        'raw_tables': var('raw_tables', none),
        'max_rejected_share': var('max_rejected_share', 0.05),
        'fail_on_rejected_share': var('fail_on_rejected_share', false),
    }) %}
{% endmacro %}
