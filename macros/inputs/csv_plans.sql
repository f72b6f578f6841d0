{#- How each file of a table is to be read (see csv_plan). -#}
{% macro csv_plans(table, found) -%}
    {{ return(adapter.dispatch('csv_plans', 'customer_lifecycle')(table, found)) }}
{%- endmacro %}

{% macro default__csv_plans(table, found) -%}
    {%- set plans = [] -%}
    {%- for file in found.files -%}
        {%- set plan = csv_plan(table, file, hive_columns(file, found.base)) -%}
        {%- if plan is not none -%}
            {%- do plans.append(plan) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(plans) }}
{%- endmacro %}

{#-
    Parts with one header and one set of column=value folders are one table `raw_files.…` over the files, which Spark
    needs to be told of options. A record with another number of fields than the header is kept whole in
    `_corrupt_record`.
-#}
{% macro spark__csv_plans(table, found) -%}
    {%- set settings = project_settings().raw_csv -%}
    {%- set encoding = settings.get('encoding', 'utf-8') | lower -%}
    {%- if encoding not in ['utf-8', 'latin-1'] -%}
        {{ exceptions.raise_compiler_error(
            "Setting 'raw_csv.encoding': " ~ shown_value(encoding) ~ ' is not read on spark; use utf-8 or latin-1.'
        ) }}
    {%- endif -%}
    {%- set delimiter = settings.get('delimiter', ',') -%}
    {%- set groups = {} -%}
    {%- for file in found.files -%}
        {%- if file.endswith('.zst') -%}
            {{ exceptions.raise_compiler_error(
                'The file ' ~ file ~ ': Spark reads .csv and .csv.gz. Compress it with gzip.'
            ) }}
        {%- endif -%}
        {%- set hive = hive_columns(file, found.base) -%}
        {%- set header = csv_header(file, encoding, delimiter) -%}
        {%- if header.names or found.base is none -%}
            {%- do _check_csv_header(table, file, encoding, header, delimiter, hive) -%}
            {%- do groups.setdefault(tojson([header.names, hive]), {
                'names': header.names, 'hive': hive, 'files': [], 'encoding': encoding, 'delimiter': delimiter,
                'has_malformed': true,
            }).files.append(file) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for plan in groups.values() -%}
        {%- set path = spark_path(plan.files, found.base) -%}
        {%- set schema = var('schema_prefix', env_var('LIFECYCLE_SCHEMA_PREFIX', '')) ~ 'raw_files' -%}
        {%- set definition = path ~ tojson(plan.names) ~ delimiter ~ encoding -%}
        {%- set relation = schema ~ '.' ~ table ~ '_' ~ local_md5(definition)[:12] -%}
        {%- set columns = [] -%}
        {%- for name in plan.names -%}{%- do columns.append('c' ~ loop.index0 ~ ' string') -%}{%- endfor -%}
        {%- do run_query('create schema if not exists ' ~ schema) -%}
        {%- do run_query(
            'create table if not exists ' ~ relation ~ ' (' ~ columns | join(', ') ~ ', _corrupt_record string)'
            ~ ' using csv options (path ' ~ sql_text(path)
            ~ ", header 'true', multiLine 'true', quote '\"', escape '\"', columnPruning 'false'"
            ~ ", mode 'PERMISSIVE', columnNameOfCorruptRecord '_corrupt_record', sep "
            ~ sql_text(delimiter) ~ ', encoding ' ~ sql_text('ISO-8859-1' if encoding == 'latin-1' else 'UTF-8') ~ ')'
        ) -%}
        {#- files may have come and gone since the table was made -#}
        {%- do run_query('refresh table ' ~ relation) -%}
        {%- do plan.update({'relation': relation}) -%}
    {%- endfor -%}
    {{ return(groups.values() | list) }}
{%- endmacro %}
