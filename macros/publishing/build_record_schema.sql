{#- a name known before dbt has read anything: overriding generate_schema_name does not move it -#}
{% macro build_record_schema() %}
    {{ return(var('schema_prefix', env_var('LIFECYCLE_SCHEMA_PREFIX', '')) ~ 'publishing') }}
{% endmacro %}
