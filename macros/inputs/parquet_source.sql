{#- Parts may have different columns: they are matched by name, and what a part lacks is null. -#}
{% macro parquet_source(table, found) -%}
    {{ return(adapter.dispatch('parquet_source', 'customer_lifecycle')(table, found)) }}
{%- endmacro %}

{% macro default__parquet_source(table, found) -%}
    {%- set files = [] -%}
    {%- for file in found.files -%}
        {%- do files.append(sql_text(glob_literal(file))) -%}
    {%- endfor -%}
    {#- a folder whose name is column=value is only a folder, unless it lies within the table's own -#}
    {%- set reader = 'read_parquet([' ~ files | join(', ') ~ '], union_by_name = true, hive_partitioning = false' -%}
    {%- set hive = {} -%}
    {%- for file in found.files -%}
        {%- do hive.update(hive_columns(file, found.base)) -%}
    {%- endfor -%}
    {%- set columns = raw_columns(reader ~ ')') -%}
    {%- set relation = namespace(text=reader ~ ')', added=[], replaced=[]) -%}
    {%- for name in hive -%}
        {%- set value = 'nullif(url_decode(regexp_extract(substr(filename, '
            ~ (found.base | length + 1) ~ '), ' ~ sql_text('(?:^|/)' ~ modules.re.escape(name) ~ '=([^/]*)/')
            ~ ", 1, 'i')), '__HIVE_DEFAULT_PARTITION__')" -%}
        {#- a part's own column comes first; only some parts may have it -#}
        {%- if name in columns -%}
            {%- set value = 'coalesce(cast(' ~ columns[name].name ~ ' as varchar), ' ~ value ~ ')' -%}
            {%- do relation.replaced.append(value ~ ' as ' ~ columns[name].name) -%}
        {%- else -%}
            {%- do relation.added.append(value ~ ' as ' ~ adapter.quote(name)) -%}
            {%- do columns.update({name: {'name': adapter.quote(name), 'type': 'VARCHAR'}}) -%}
        {%- endif -%}
        {%- do columns[name].update({'type': 'VARCHAR'}) -%}
    {%- endfor -%}
    {%- if hive -%}
        {%- set relation.text = '(select *'
            ~ (' replace (' ~ relation.replaced | join(', ') ~ ')' if relation.replaced)
            ~ (', ' ~ relation.added | join(', ') if relation.added)
            ~ ' from ' ~ reader ~ ', filename = true)) as parts' -%}
    {%- endif -%}
    {#- DuckDB would call the second one status_1; the fields of a nested column are no columns -#}
    {%- set schema = 'parquet_schema([' ~ files | join(', ') ~ '])' -%}
    {%- for file, column in run_query(
        'select file_name, lower(trim(name)) as column_name from ' ~ schema
        ~ ' where file_name not in (select file_name from ' ~ schema
        ~ ' group by file_name having count(num_children) > 1)'
        ~ ' group by file_name, lower(trim(name)) having count(*) > 1 order by all'
    ).rows if column in raw_tables()[table].columns | map(attribute='name') -%}
        {{ exceptions.raise_compiler_error(
            'The file ' ~ file ~ ' has the column ' ~ column ~ ' twice. Keep one of them, and rename the other.'
        ) }}
    {%- endfor -%}
    {{ return({'relation': relation.text, 'columns': columns}) }}
{%- endmacro %}

{#-
    Of a query over files, the session decides whether Spark looks at the columns of all parts or of one, and whether it
    takes a folder brand_id=007 for a number: the profile has set both. A folder whose name is column=value is a column
    there, too.
-#}
{% macro spark__parquet_source(table, found) -%}
    {%- for setting, value in {
        'spark.sql.parquet.mergeSchema': 'true',
        'spark.sql.sources.partitionColumnTypeInference.enabled': 'false',
    }.items() if found.base is not none and run_query('set `' ~ setting ~ '`').rows[0][1] | string | lower != value -%}
        {{ exceptions.raise_compiler_error(
            'The table ' ~ table ~ ' is a folder of Parquet files, whose columns may differ. Add to'
            ~ ' server_side_parameters of your profile: ' ~ setting ~ ': "' ~ value ~ '"'
        ) }}
    {%- endfor -%}
    {%- set path = namespace(text=spark_path(found.files, found.base)) -%}
    {%- for file in found.files if hive_columns(file, found.base) -%}
        {%- set path.text = found.base.rstrip('/') -%}
    {%- endfor -%}
    {%- set relation = 'parquet.`' ~ path.text ~ '`' -%}
    {{ return({'relation': relation, 'columns': raw_columns(relation)}) }}
{%- endmacro %}
