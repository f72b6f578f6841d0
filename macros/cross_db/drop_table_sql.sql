{% macro drop_table_sql(relation) -%}
    {{ return(adapter.dispatch('drop_table_sql', 'customer_lifecycle')(relation)) }}
{%- endmacro %}

{% macro default__drop_table_sql(relation) -%} drop table if exists {{ relation }} {%- endmacro %}

{# Iceberg's catalog leaves the files of what is dropped, its own and those of Parquet, unless told otherwise. #}
{% macro spark__drop_table_sql(relation) -%} drop table if exists {{ relation }} purge {%- endmacro %}

{% macro databricks__drop_table_sql(relation) -%} {{ return(default__drop_table_sql(relation)) }} {%- endmacro %}
