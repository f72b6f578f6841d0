{#-
    Prints, as one line of JSON, what `lifecycle forget` has to know: how many rows of the raw tables name a customer,
    by table and column; where those tables are; in which schemas this project builds. Rows without a brand count, as
    nobody can say whose they are, and so does a line of CSV that cannot be read and has the id between two delimiters.
-#}
{% macro raw_rows_of_customer(brand_id, customer_id) %}
    {% set rows = {} %}
    {% for table, contract in raw_tables().items() %}
        {% set source = raw_source(table) %}
        {% set counted = [] %}
        {% for column in contract.columns
           if column.name.endswith('customer_id') and source.relation is not none and column.name in source.columns %}
            {% do counted.append(column.name) %}
        {% endfor %}
        {% if counted %}
            {% set brand = _raw_text(source, 'brand_id') %}
            {% set query %}
                select
                {%- for column in counted %}
                    count(case when {{ _raw_text(source, column) }} = {{ sql_text(customer_id) }} then 1 end)
                    {{- ',' if not loop.last }}
                {%- endfor %}
                from {{ source.relation }}
                where {{ brand }} = {{ sql_text(brand_id) }} or {{ brand }} is null
            {% endset %}
            {% set found = run_query(query).rows[0] %}
            {% set by_column = {} %}
            {% for column in counted %}
                {% do by_column.update({column: found[loop.index0] | int}) %}
            {% endfor %}
            {% for plan in source.plans or [] if plan.has_malformed %}
                {% set found = run_query(
                    'select count(*) from (' ~ csv_records(plan) ~ ') as records where not is_well_formed and '
                    ~ _names_as_field('record', plan.delimiter, customer_id)
                ).columns[0].values()[0] %}
                {% do by_column.update({'malformed_row': by_column.malformed_row | default(0) + (found | int)}) %}
            {% endfor %}
            {% do rows.update({table: by_column}) %}
        {% endif %}
    {% endfor %}

    {% set schemas = [] %}
    {% for node in graph.nodes.values()
       if node.resource_type in ['model', 'seed', 'snapshot'] and node.config.materialized != 'ephemeral'
       and node.schema not in schemas %}
        {% do schemas.append(node.schema) %}
    {% endfor %}
    {% do print(tojson({'raw_rows_of_customer': {
        'rows': rows, 'raw_settings': raw_settings_text(), 'schemas': schemas | sort,
    }})) %}
{% endmacro %}

{% macro _names_as_field(record, delimiter, text) %}
    {%- set edge = '["\\s' ~ modules.re.escape(delimiter) ~ ']' -%}
    {{- text_matches(record, '(?s:(?:.*' ~ edge ~ ')?' ~ modules.re.escape(text) ~ '(?:' ~ edge ~ '.*)?)') -}}
{%- endmacro %}

{% macro _raw_text(source, column) %}
    {{- clean_text('cast(' ~ source.columns[column].name ~ ' as ' ~ dbt.type_string() ~ ')') -}}
{% endmacro %}
