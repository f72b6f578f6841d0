{% macro rejected_rows_of(table, checked) -%}
    {%- set row = [] -%}
    {%- for column in raw_tables()[table].columns -%}
        {%- do row.append([column.name, 'cast(raw_' ~ column.name ~ ' as ' ~ dbt.type_string() ~ ')']) -%}
    {%- endfor -%}
    select
        '{{ table }}' as source_table,
        {{ dbt.hash(row_text(table)) }} as row_hash,
        brand_id,
        rejection_reason as reason,
        {{ json_object_text(row) }} as raw_row
    from {{ checked }}
    where rejection_reason is not null
{%- endmacro %}
