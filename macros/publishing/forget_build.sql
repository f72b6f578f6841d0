{% macro forget_build() %}
    {% if execute and flags.WHICH in ['build', 'run', 'seed', 'snapshot', 'retry', 'clone'] %}
        {#- on its own: Spark takes one statement at a time -#}
        {% do run_query('create schema if not exists ' ~ build_record_schema()) %}
        {{ drop_table_sql(build_record_schema() ~ '.last_build') }}
    {% endif %}
{% endmacro %}
