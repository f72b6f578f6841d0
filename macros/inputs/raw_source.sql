{#
    Where a raw table is read from: a file of `raw_dir`, a table of `raw_schema`, or the sample's seed.
    Takes: the table's name. Gives: a dict with `relation` (what `from` reads, none for an absent optional table) and
    `columns` (a dict from each column's name in lower case to its quoted name and type; empty before the table exists).
    Raises: where `orders`, or a table that `raw_tables` lists, is not there, naming what was looked for.
#}
{% macro raw_source(table) -%}
    {%- set settings = project_settings() -%}
    {%- set is_listed = settings.raw_tables is none or table in settings.raw_tables -%}
    {%- set relation = none -%}
    {%- if settings.raw_dir is not none -%}
        {%- if execute and is_listed -%}
            {%- set relation = raw_file(settings.raw_dir, table, is_required=(table == 'orders' or settings.raw_tables is not none)) -%}
        {%- endif -%}
    {%- elif is_listed and settings.raw_schema is not none -%}
        {%- set relation = source('raw', table) -%}
        {%- if execute and load_relation(relation) is none -%}
            {{ exceptions.raise_compiler_error(
                "Setting 'raw_schema': there is no table " ~ relation ~ ". Land it, or list the tables that do exist in the"
                ~ " var 'raw_tables' (orders must be among them)."
            ) }}
        {%- endif -%}
    {%- elif is_listed -%}
        {%- set relation = ref('raw_' ~ table) -%}
    {%- endif -%}
    {{ return({'relation': relation, 'columns': raw_columns(relation) if relation is not none else {}}) }}
{%- endmacro %}

{#
    The file of a folder that holds a raw table, parquet before CSV, as what `from` reads.
    Takes: the folder or prefix; the table's name; whether it must be there. Gives: a table function's call, or none.
    Raises: where a file that must be there is not.
#}
{% macro raw_file(folder, table, is_required) -%}
    {%- set path = (folder | string).rstrip('/') ~ '/' ~ table -%}
    {%- for extension in ['parquet', 'csv'] -%}
        {%- set file = path ~ '.' ~ extension -%}
        {%- if run_query('select count(*) from glob(' ~ sql_text(file) ~ ')').columns[0].values()[0] > 0 -%}
            {%- if extension == 'parquet' -%}
                {{ return('read_parquet(' ~ sql_text(file) ~ ')') }}
            {%- endif -%}
            {{ return(
                'read_csv(' ~ sql_text(file) ~ ", all_varchar = true, header = true, delim = ',', quote = '\"', escape = '\"',"
                ~ ' null_padding = true)'
            ) }}
        {%- endif -%}
    {%- endfor -%}
    {%- if is_required -%}
        {{ exceptions.raise_compiler_error(
            "Setting 'raw_dir': there is neither " ~ path ~ '.parquet nor ' ~ path ~ '.csv. The table orders is required;'
            ~ " any other may be absent unless the var 'raw_tables' lists it."
        ) }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}

{#
    The columns that a raw table really has.
    Takes: a relation, or a table function's call. Gives: a dict from name in lower case to {name (quoted), type}.
#}
{% macro raw_columns(relation) -%}
    {%- set columns = {} -%}
    {%- if execute -%}
        {%- if relation is string -%}
            {%- for row in run_query('describe select * from ' ~ relation) -%}
                {%- do columns.update({row[0] | trim | lower: {'name': adapter.quote(row[0]), 'type': row[1]}}) -%}
            {%- endfor -%}
        {%- else -%}
            {%- for column in adapter.get_columns_in_relation(relation) -%}
                {%- do columns.update({column.name | trim | lower: {'name': adapter.quote(column.name), 'type': column.data_type}}) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endif -%}
    {{ return(columns) }}
{%- endmacro %}
