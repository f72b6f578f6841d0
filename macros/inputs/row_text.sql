{% macro row_text(table, prefix='raw_') -%}
    {%- for column in raw_tables()[table].columns -%}
        coalesce(cast({{ prefix }}{{ column.name }} as {{ dbt.type_string() }}), {{ sql_text('\\N') }})
        {%- if not loop.last %} || '|' || {% endif -%}
    {%- endfor -%}
{%- endmacro %}
