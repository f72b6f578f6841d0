{% macro read_raw_table(table, without_brand=false) -%}
    {%- set contract = raw_tables()[table] -%}
    {%- set source = raw_source(table) -%}
    {%- set missing = [] -%}
    {%- for column in contract.columns if column.required and source.columns and column.name not in source.columns -%}
        {%- do missing.append(column.name) -%}
    {%- endfor -%}
    {%- if missing -%}
        {{ exceptions.raise_compiler_error(
            'The raw table ' ~ table ~ ' (' ~ source.relation ~ ') has no column ' ~ missing | join(', ')
            ~ '; it has: ' ~ source.columns | join(', ') ~ '.'
        ) }}
    {%- endif -%}
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
where false
{%- else %}
from {{ source.relation }}
{%- set only_brand = project_settings().only_brand %}
{%- if source.columns and (without_brand or only_brand is not none) %}
{%- set brand_id = 'cast(' ~ source.columns.brand_id.name ~ ' as ' ~ dbt.type_string() ~ ')' %}
where {{ clean_text(brand_id) }} {{ 'is null' if without_brand else '= ' ~ sql_text(only_brand) }}
{%- endif %}
{%- endif %}
{%- endmacro %}
