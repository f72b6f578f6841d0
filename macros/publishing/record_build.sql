{#-
    The table exists only between the end of a complete build whose tests all passed and the start of the next command
    that changes a table. The publisher reads it, and publishes nothing without it.
-#}
{% macro record_build(results) %}
    {#- --empty and --sample build everything, but only from a part of the rows -#}
    {% if not execute or flags.WHICH != 'build' or flags.EMPTY or flags.SAMPLE %}
        {{ return('') }}
    {% endif %}

    {% set passed = [] %}
    {% for result in results if result.status | string in ['success', 'pass', 'warn'] %}
        {% do passed.append(result.node.unique_id) %}
    {% endfor %}
    {% set never_null = _columns_that_are_never_null() %}
    {% set relations = [] %}
    {% for node in graph.nodes.values()
       if node.resource_type in ['model', 'seed', 'snapshot', 'test'] and node.config.materialized != 'ephemeral' %}
        {% if node.unique_id not in passed %}
            {{ return('') }}
        {% endif %}
        {% set is_state = node.resource_type == 'snapshot' or node.config.materialized == 'incremental'
                          or node.config.meta.get('is_state', false) %}
        {% if is_state or node.config.schema in published_schemas() %}
            {% do relations.append({
                'schema': node.schema,
                'name': node.alias or node.name,
                'published_schema': 'state' if is_state else node.config.schema,
                'never_null': never_null.get(node.unique_id, []) | unique | sort,
            }) %}
        {% endif %}
    {% endfor %}

    {#- created first and filled after: on Spark, what a killed `create table … as` leaves stops every later run -#}
    {% set record = build_record_schema() ~ '.last_build' %}
    {% set text = dbt.type_string() %}
    {% do run_query('create schema if not exists ' ~ build_record_schema()) %}
    {% do run_query(
        'create table ' ~ record ~ ' (invocation_id ' ~ text ~ ', as_of_date date, only_brand ' ~ text
        ~ ', max_row_drop_share ' ~ type_double() ~ ', raw_settings ' ~ text ~ ', relation_schema ' ~ text
        ~ ', relation_name ' ~ text ~ ', published_schema ' ~ text ~ ', never_null ' ~ text ~ ')'
    ) %}
    insert into {{ record }}
    {% for relation in relations | sort(attribute='name') -%}
    select
        {{ sql_text(invocation_id) }} as invocation_id,
        (select as_of_date from {{ _relation_of_model('as_of_date') }} as reporting_day) as as_of_date,
        {{ sql_text(var('only_brand', none) or '') }} as only_brand,
        {{ sql_number(project_settings().max_row_drop_share) }} as max_row_drop_share,
        {{ sql_text(raw_settings_text()) }} as raw_settings,
        {{ sql_text(relation.schema) }} as relation_schema,
        {{ sql_text(relation.name) }} as relation_name,
        {{ sql_text(relation.published_schema) }} as published_schema,
        {{ sql_text(relation.never_null | join(',')) }} as never_null
    {{ 'union all' if not loop.last }}
    {% endfor %}
{% endmacro %}

{# From the id of a model, seed or snapshot to its columns that its tests never_null and not_null hold. #}
{% macro _columns_that_are_never_null() %}
    {% set columns = {} %}
    {% for node in graph.nodes.values()
       if node.resource_type == 'test' and node.attached_node and node.test_metadata.name in ['never_null', 'not_null']
       and not node.config.where and node.config.severity | lower == 'error' %}
        {% set arguments = node.test_metadata.kwargs %}
        {% do columns.setdefault(node.attached_node, []).extend(arguments.columns or [arguments.column_name]) %}
    {% endfor %}
    {{ return(columns) }}
{% endmacro %}

{% macro _relation_of_model(name) %}
    {% for node in graph.nodes.values()
       if node.resource_type == 'model' and node.name == name and node.package_name == 'customer_lifecycle' %}
        {{ return(node.relation_name) }}
    {% endfor %}
{% endmacro %}
