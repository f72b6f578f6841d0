{% macro raw_source(table) -%}
    {%- set settings = project_settings() -%}
    {%- set is_listed = settings.raw_tables is none or table in settings.raw_tables -%}
    {%- set relation = none -%}
    {%- if settings.raw_dir is not none -%}
        {%- if execute and is_listed -%}
            {%- set is_required = table == 'orders' or settings.raw_tables is not none -%}
            {%- set relation = raw_file(settings.raw_dir, table, is_required) -%}
        {%- endif -%}
    {%- elif is_listed and settings.raw_schema is not none -%}
        {%- set relation = source('raw', table) -%}
        {%- if execute and load_relation(relation) is none -%}
            {{ exceptions.raise_compiler_error(
                "Setting 'raw_schema': there is no table " ~ relation
                ~ ". Land it, or list the tables that do exist in the var 'raw_tables' (orders must be among them)."
            ) }}
        {%- endif -%}
    {%- elif is_listed -%}
        {#- the sample's seeds, or the models of the project that has this one installed as a package -#}
        {%- set relation = ref(settings.raw_project or 'customer_lifecycle', 'raw_' ~ table) -%}
    {%- endif -%}
    {{ return({'relation': relation, 'columns': raw_columns(relation) if relation is not none else {}}) }}
{%- endmacro %}

{% macro raw_file(folder, table, is_required) -%}
    {%- set path = (folder | string).rstrip('/') ~ '/' ~ table -%}
    {%- for extension in ['parquet', 'csv'] -%}
        {%- set file = path ~ '.' ~ extension -%}
        {%- if run_query('select count(*) from glob(' ~ sql_text(file) ~ ')').columns[0].values()[0] > 0 -%}
            {#- a folder whose name is column=value is only a folder -#}
            {%- if extension == 'parquet' -%}
                {{ return('read_parquet(' ~ sql_text(file) ~ ', hive_partitioning = false)') }}
            {%- endif -%}
            {#- without `comment` a row that begins with # may be taken for a remark and left out; the parallel reader
                stops at a line break within quotes -#}
            {{ return(
                'read_csv(' ~ sql_text(file)
                ~ ", all_varchar = true, header = true, delim = ',', quote = '\"', escape = '\"',"
                ~ " comment = '', null_padding = true, parallel = false, hive_partitioning = false)"
            ) }}
        {%- endif -%}
    {%- endfor -%}
    {%- if is_required -%}
        {{ exceptions.raise_compiler_error(
            "Setting 'raw_dir': there is neither " ~ path ~ '.parquet nor ' ~ path
            ~ '.csv. The table orders is required;'
            ~ " any other may be absent unless the var 'raw_tables' lists it."
        ) }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}

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
