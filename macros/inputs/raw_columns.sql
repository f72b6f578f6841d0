{% macro raw_columns(relation) -%}
    {%- set columns = {} -%}
    {%- if execute -%}
        {%- if relation is string -%}
            {%- for row in run_query('describe select * from ' ~ relation) -%}
                {%- do columns.update({row[0] | trim | lower: {'name': adapter.quote(row[0]), 'type': row[1]}}) -%}
            {%- endfor -%}
        {%- else -%}
            {%- for column in adapter.get_columns_in_relation(relation) -%}
                {%- do columns.update({
                    column.name | trim | lower: {'name': adapter.quote(column.name), 'type': column.data_type}
                }) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endif -%}
    {{ return(columns) }}
{%- endmacro %}
