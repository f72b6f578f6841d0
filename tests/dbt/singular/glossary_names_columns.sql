-- Identity: every mart and column that metric_glossary explains exists, and has all three languages. A mart's columns
-- are those of its contract, which are the table's.
-- Rows: marts and columns that do not exist, or that lack a language.
{%- set columns = [] -%}
{%- if execute -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.config.schema == 'marts' -%}
        {%- for column in node.columns -%}
            {%- do columns.append([sql_text(node.alias), sql_text(column)]) -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endif %}

with columns_of_marts as (

    select * from {{ values_table(columns or [["''", "''"]], 'contracts', ['mart', 'column_name']) }}

),

explained as (

    select
        mart,
        column_name,
        count(distinct language) as languages
    from {{ ref('metric_glossary') }}
    group by mart, column_name

)

select
    explained.mart,
    explained.column_name,
    explained.languages,
    columns_of_marts.column_name is not null as is_a_column
from explained
left join columns_of_marts
    on
        explained.mart = columns_of_marts.mart
        and explained.column_name = columns_of_marts.column_name
where
    columns_of_marts.column_name is null
    or explained.languages <> 3
