{#
    Overrides dbt-spark's macro. `create table … as` that is killed leaves a folder that no catalog knows, which stops
    every later run (LOCATION_ALREADY_EXISTS). A table that is created first and filled after is dropped with all its
    files, and its columns can have their comments. Filled by `overwrite`: after a lost connection dbt-spark sends the
    statement again.

    These macros also write the tables of a project that installs this one, whose nodes know other macros of this
    package only by their whole name.
#}
{% macro spark__create_table_as(temporary, relation, compiled_code, language='sql') -%}
    {%- if temporary -%}
        {{ return(create_temporary_view(relation, compiled_code)) }}
    {%- endif -%}
    {%- set columns = [] -%}
    {%- if config.get('contract').enforced -%}
        {%- do get_assert_columns_equivalent(compiled_code) -%}
        {%- set compiled_code = get_select_subquery(compiled_code) -%}
        {%- for name, column in model.columns.items() -%}
            {%- do columns.append([name, column.data_type]) -%}
        {%- endfor -%}
    {%- else -%}
        {%- for row in run_query('describe query ' ~ compiled_code).rows -%}
            {%- do columns.append([row[0], row[1]]) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set has_comments = config.persist_column_docs() -%}
    {%- set definitions = [] -%}
    {%- for name, type in columns -%}
        {%- set description = model.columns.get(name, {}).get('description') if has_comments else none -%}
        {%- do definitions.append(
            adapter.quote(name) ~ ' ' ~ type ~ customer_lifecycle._spark_column_comment(description)
        ) -%}
    {%- endfor -%}
    {%- call statement('create_empty') -%}
        create table {{ relation }} (
            {{ definitions | join(',\n            ') }}
        )
        {{ file_format_clause() }}
        {{ options_clause() }}
        {{ tblproperties_clause() }}
        {{ partition_cols(label='partitioned by') }}
        {{ location_clause() }}
        {{ comment_clause() }}
    {%- endcall -%}
    insert overwrite table {{ relation }}
    {{ compiled_code }}
{%- endmacro %}

{# Tables of this project have one format, the var; a model of an installing project may ask for another. #}
{% macro spark__file_format_clause() -%}
    using {{ config.get('file_format') or var('spark_file_format', 'parquet') }}
{%- endmacro %}

{% macro spark__drop_relation(relation) -%}
    {%- call statement('drop_relation', auto_begin=False) -%}
        {%- if relation.type == 'table' -%}
            {{ customer_lifecycle.drop_table_sql(relation) }}
        {%- else -%}
            drop {{ relation.type }} if exists {{ relation }}
        {%- endif -%}
    {%- endcall -%}
{%- endmacro %}

{# A description may hold any character, which dbt-spark's own macro does not escape. #}
{% macro spark__comment_clause() -%}
    {%- if config.persist_relation_docs() -%} comment {{ customer_lifecycle.sql_text(model.description) }} {%- endif -%}
{%- endmacro %}

{# The comments are there from the beginning. #}
{% macro spark__persist_docs(relation, model, for_relation, for_columns) -%}{%- endmacro %}

{# Iceberg's catalog leaves the text of a view that is replaced as it was (docs/spark.md), so it is dropped before. #}
{% macro spark__create_view_as(relation, sql) -%}
    {%- if config.get('contract').enforced -%}
        {%- do get_assert_columns_equivalent(sql) -%}
    {%- endif -%}
    {%- call statement('drop_view') -%} drop view if exists {{ relation }} {%- endcall -%}
    create view {{ relation }}
    {%- if config.persist_column_docs() %} (
        {%- for column in get_columns_in_query(sql) %}
        {%- set description = model.columns.get(column, {}).get('description') %}
        {{ adapter.quote(column) ~ customer_lifecycle._spark_column_comment(description) }}{{ ',' if not loop.last }}
        {%- endfor %}
    )
    {%- endif %}
    {{ comment_clause() }}
    as
    {{ sql }}
{%- endmacro %}

{# A metastore of Hive's has room for 256 characters; for more it tries ten times in twenty seconds, without a word. #}
{% macro _spark_column_comment(description) -%}
    {%- if description -%}
        {%- set text = description if description | length <= 256 else description[:255] ~ '…' -%}
        {{ return(' comment ' ~ customer_lifecycle.sql_text(text)) }}
    {%- endif -%}
    {{ return('') }}
{%- endmacro %}
