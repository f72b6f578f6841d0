{% macro dated_columns() -%}
    {%- set columns = {} -%}
    {%- for table, contract in raw_tables().items() -%}
        {%- do columns.update({
            table: contract.columns | selectattr('date', 'defined') | map(attribute='name') | list
        }) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}
