{% macro read_raw_table(table, without_brand=false) -%}
    {%- set contract = raw_tables()[table] -%}
    {%- set source = raw_source(table) -%}
    {%- set missing = [] -%}
    {%- for column in contract.columns if column.required and source.columns and column.name not in source.columns -%}
        {%- do missing.append(column.name) -%}
    {%- endfor -%}
    {%- if missing -%}
        {%- set what = 'The raw table ' ~ table ~ ' (' ~ source.relation ~ ')' -%}
        {{ exceptions.raise_compiler_error(missing_columns_text(what, missing, source.columns | list)) }}
    {%- endif -%}
    {%- for column in contract.columns if source.columns and column.name not in source.columns -%}
        {%- set meant = column_that_is_meant(column.name, source.columns | list) -%}
        {%- if meant is not none -%}
            {%- do exceptions.warn(
                'The raw table ' ~ table ~ ' has a column ' ~ shown_value(meant) ~ ', which is not read. If it is '
                ~ column.name ~ ', give it that name.'
            ) -%}
        {%- endif -%}
    {%- endfor -%}
select
    {%- for column in contract.columns %}
    {%- set present = source.columns.get(column.name) %}
    {%- if source.relation is none or (source.columns and present is none) %}
    cast(null as {{ dbt.type_string() }}) as {{ column.name }}
    {%- else %}
    {{ present.name if present else column.name }} as {{ column.name }}
    {%- endif %}
    {{- ',' if not loop.last }}
    {%- endfor %}
{%- if source.relation is none %}
from (select 1 as one) as one_row
where false
{%- else %}
from {{ source.relation }}
{%- set only_brand = project_settings().only_brand %}
{%- if source.columns and (without_brand or only_brand is not none) %}
{%- set brand_id = parse_raw_identifier(source.columns.brand_id.name, column_family(source.columns.brand_id.type)) %}
where {{ brand_id }} {{ 'is null' if without_brand else '= ' ~ sql_text(only_brand) }}
{%- endif %}
{%- endif %}
{%- endmacro %}
