{#
    An `on-run-start` hook: what a profile or a project of one's own must say, and without which tables would be wrong
    and no error would say so. On Spark, the session's time zone decides which times a timestamp shows, and the root
    project whether dbt writes tables and seeds with this package's macros.
#}
{% macro check_session() -%}
    {{ return(adapter.dispatch('check_session', 'customer_lifecycle')()) }}
{%- endmacro %}

{% macro default__check_session() -%}{{ return('') }}{%- endmacro %}

{% macro spark__check_session() -%}
    {%- if execute -%}
        {%- set zone = run_query('select current_timezone()').rows[0][0] -%}
        {%- if zone not in ['UTC', 'Etc/UTC', 'GMT', 'Etc/GMT', 'Z', '+00:00'] -%}
            {{ exceptions.raise_compiler_error(
                'The time zone of this session of Spark is ' ~ zone ~ '; times would be read in that one. Add to'
                ~ ' server_side_parameters of your profile: spark.sql.session.timeZone: UTC'
            ) }}
        {%- endif -%}
        {%- set writer = adapter.dispatch('create_table_as', 'dbt').macro.package_name -%}
        {%- if target.type == 'spark' and writer in ['dbt', 'dbt_spark'] -%}
            {{ exceptions.raise_compiler_error(
                'dbt would write tables and seeds with macros of dbt-spark, not with those of customer_lifecycle: nulls'
                ~ ' of seeds would become text. Add to your dbt_project.yml: dispatch: [{macro_namespace: dbt,'
                ~ ' search_order: [' ~ project_name ~ ', customer_lifecycle, dbt]}]'
            ) }}
        {%- endif -%}
    {%- endif -%}
    {{ return('') }}
{%- endmacro %}
