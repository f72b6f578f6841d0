{#
    The vars that apply to the whole project, checked, as a dict:
      as_of_date              text YYYY-MM-DD, or none: the day of the latest order (the environment's
                              LIFECYCLE_AS_OF_DATE, or else the var)
      raw_schema, raw_database, raw_dir   text, or none
      raw_csv                 a map with any of delimiter, encoding and decimal: how CSV files in raw_dir are written
      only_brand              a brand_id, or none: all brands
      raw_project             the name of the dbt project whose models raw_orders … are the raw tables, or none
      raw_tables              a list of the tables that exist, or none: all six, or with raw_dir those whose files exist
      max_source_age_days     whole numbers from 0 by table: how many days behind as_of_date its latest row may be
      max_rejected_share      a number from 0 to 1
      max_customer_order_share  a number from 0 to 1: one customer with a larger share of a brand's orders is a finding
      fail_on_rejected_share  true or false
      max_row_drop_share      a number from 0 to 1: more of a table's rows may not be gone since the last publication
      annual_discount_rate    a number from 0 to below 10, for brands that set none
      clv_min_repeat_customers  a whole number from 1: the fewest customers with a repeat order that are fitted
      clv_refit               always, never, or {when_older_than: days}: when parameters are fitted again
      spark_file_format       parquet, iceberg or delta: what the tables of Spark are
#}
{% macro project_settings() %}
    {% set settings = given_project_settings() %}
    {% set problems = project_settings_problems(**settings) %}
    {% if problems %}
        {% do settings_error(problems) %}
    {% endif %}
    {% if settings['as_of_date'] is not none %}
        {% do settings.update({'as_of_date': settings['as_of_date'] | string}) %}
    {% endif %}
    {{ return(settings) }}
{% endmacro %}
