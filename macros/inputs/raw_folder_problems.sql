{#- A file that somebody meant as a table and that nothing reads would be missed by nobody. -#}
{% macro raw_folder_problems(folder, tables) -%}
    {%- set base = (folder | string).rstrip('/') ~ '/' -%}
    {%- set read = [] -%}
    {%- for table in raw_tables() -%}
        {%- for name in ['.parquet', '.csv', '.csv.gz', '.csv.zst', '/', '.parquet/', '.csv/'] -%}
            {%- do read.append(base ~ table ~ name) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set names = {} -%}
    {%- for file in files_that_match(glob_literal(base) ~ '*') -%}
        {%- do names.update({file.split(base)[-1]: file}) -%}
    {%- endfor -%}
    {#- an object store has no folders: to look into each prefix would mean listing all there is -#}
    {%- if '://' not in base -%}
        {%- for file in files_that_match(glob_literal(base) ~ '*/*') -%}
            {%- set name = file.split(base)[-1].split('/')[0] -%}
            {%- if not name.startswith('.') and not name.startswith('_') -%}
                {%- do names.update({name: base ~ name ~ '/'}) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set problems = [] -%}
    {%- for name, path in names.items() | sort if path not in read -%}
        {%- set table = table_that_is_meant(name, path.endswith('/')) -%}
        {%- if table is not none and table in tables -%}
            {%- do problems.append(
                path ~ ' looks like the table ' ~ table ~ ' and is not read. Files are called '
                ~ table ~ '.parquet, ' ~ table ~ '.csv, ' ~ table ~ '.csv.gz or ' ~ table
                ~ '.csv.zst, a folder of parts ' ~ table ~ '/: rename it'
                ~ (', export it as CSV or Parquet' if not name.lower().endswith(('.csv', '.parquet', '.gz', '.zst')))
                ~ ', or move it out of the folder.'
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(problems) }}
{%- endmacro %}
