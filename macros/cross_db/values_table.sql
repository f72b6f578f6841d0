{# For a `from`. A row is a list; a value alone is a row of one column. #}
{% macro values_table(rows, name, columns) -%}
    {%- set lists = [] -%}
    {%- for row in rows -%}
        {%- do lists.append(row if row is iterable and row is not string else [row]) -%}
    {%- endfor -%}
    {{ return(adapter.dispatch('values_table', 'customer_lifecycle')(
        lists, name, [columns] if columns is string else columns
    )) }}
{%- endmacro %}

{% macro default__values_table(rows, name, columns) -%}
    (values
        {%- for row in rows %} ({{ row | join(', ') }}){{ ',' if not loop.last }}{% endfor -%}
    ) as {{ name }} ({{ columns | join(', ') }})
{%- endmacro %}

{# BigQuery: Query syntax, a `from` has no `values`. #}
{% macro bigquery__values_table(rows, name, columns) -%}
    (
        {%- for row in rows -%}
        select {% for value in row %}{{ value }} as {{ columns[loop.index0] }}{{ ', ' if not loop.last }}{% endfor %}
        {{- ' union all ' if not loop.last }}
        {%- endfor -%}
    ) as {{ name }}
{%- endmacro %}

{# Redshift: Unsupported PostgreSQL features, `values` used as a table. #}
{% macro redshift__values_table(rows, name, columns) -%}
    {{ bigquery__values_table(rows, name, columns) }}
{%- endmacro %}
