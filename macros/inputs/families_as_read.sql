{% macro families_as_read(table, relation) -%}
    {%- set suitable = {
        'id': ['number', 'double'],
        'time': ['date', 'timestamp', 'instant'],
        'flag': ['boolean', 'number', 'double'],
        'money': ['number', 'double'],
        'seconds': ['number', 'double'],
        'score': ['number', 'double'],
        'count': ['number', 'double'],
    } -%}
    {%- set types = raw_columns(relation) -%}
    {%- set families = {} -%}
    {%- for column in raw_tables()[table].columns -%}
        {%- set family = column_family(types[column.name].type) if types else 'text' -%}
        {%- do families.update({
            column.name: family if family in suitable.get(column.reads_as, []) else 'text'
        }) -%}
    {%- endfor -%}
    {{ return(families) }}
{%- endmacro %}
