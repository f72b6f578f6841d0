{#
    A raw row as one text: its columns as they arrived, as text, null as `\N`, joined with vertical bars in the contract's order.
    Takes: the table's name; the prefix of the columns. Gives: a text expression.
#}
{% macro row_text(table, prefix='raw_') -%}
    {%- for column in raw_tables()[table].columns -%}
        coalesce(cast({{ prefix }}{{ column.name }} as {{ dbt.type_string() }}), {{ sql_text('\\N') }})
        {%- if not loop.last %} || '|' || {% endif -%}
    {%- endfor -%}
{%- endmacro %}
