{#
    The project's vars as given, unchecked, with defaults for the missing ones: the arguments of
    project_settings_problems.

    The environment's LIFECYCLE_AS_OF_DATE goes before the var as_of_date. For another var dbt parses the whole project
    again, which takes longer than most nights' models; what is only read when models are compiled costs nothing.
#}
{% macro given_project_settings() %}
    {{ return({
        'as_of_date': (env_var('LIFECYCLE_AS_OF_DATE', '') if execute else '') or var('as_of_date', none),
        'only_brand': var('only_brand', none),
        'raw_schema': var('raw_schema', none),
        'raw_database': var('raw_database', none),
        'raw_dir': var('raw_dir', none),
        'raw_csv': var('raw_csv', {}),
        'raw_project': var('raw_project', none),
        'raw_tables': var('raw_tables', none),
        'max_source_age_days': var('max_source_age_days', {}),
        'max_rejected_share': var('max_rejected_share', 0.05),
        'max_customer_order_share': var('max_customer_order_share', 0.05),
        'fail_on_rejected_share': var('fail_on_rejected_share', false),
        'max_row_drop_share': var('max_row_drop_share', 0.2),
        'annual_discount_rate': var('annual_discount_rate', 0.10),
        'clv_min_repeat_customers': var('clv_min_repeat_customers', 50),
        'clv_refit': var('clv_refit', 'always'),
        'spark_file_format': var('spark_file_format', 'parquet'),
    }) }}
{% endmacro %}
