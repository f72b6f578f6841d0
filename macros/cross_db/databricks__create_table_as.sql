{#
    dbt-databricks's own macros. dbt looks through all of a project before it looks at an adapter, and so would find
    what the project has for Spark, whose tables cannot be replaced as those of Delta can.
#}
{% macro databricks__create_table_as(temporary, relation, compiled_code, language='sql') -%}
    {{ return(dbt.databricks__create_table_as(temporary, relation, compiled_code, language)) }}
{%- endmacro %}

{% macro databricks__create_view_as(relation, sql) -%}
    {{ return(dbt.databricks__create_view_as(relation, sql)) }}
{%- endmacro %}

{% macro databricks__drop_relation(relation) -%} {{ return(dbt.databricks__drop_relation(relation)) }} {%- endmacro %}

{% macro databricks__comment_clause() -%} {{ return(dbt.databricks__comment_clause()) }} {%- endmacro %}

{% macro databricks__persist_docs(relation, model, for_relation, for_columns) -%}
    {{ return(dbt.databricks__persist_docs(relation, model, for_relation, for_columns)) }}
{%- endmacro %}

{% macro databricks__load_csv_rows(model, agate_table) -%}
    {{ return(dbt.databricks__load_csv_rows(model, agate_table)) }}
{%- endmacro %}
