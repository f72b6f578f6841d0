{% macro files_that_match(pattern) -%}
    {{ return(adapter.dispatch('files_that_match', 'customer_lifecycle')(pattern)) }}
{%- endmacro %}

{% macro default__files_that_match(pattern) -%}
    {%- set files = [] -%}
    {%- for row in run_query('select file from glob(' ~ sql_text(pattern) ~ ') order by file').rows -%}
        {%- do files.append(row[0]) -%}
    {%- endfor -%}
    {{ return(files) }}
{%- endmacro %}

{#- Spark lists a whole folder and all below it; nothing of the files but their names is read. -#}
{% macro spark__files_that_match(pattern) -%}
    {%- set folder = given_project_settings().raw_dir.rstrip('/') -%}
    {%- do run_query(
        'create or replace temporary view raw_dir_files using binaryFile options (path ' ~ sql_text(folder)
        ~ ", recursiveFileLookup 'true')"
    ) -%}
    {%- set parts = [] -%}
    {%- for part in modules.re.findall('\\[.\\]|\\*\\*|\\*|[^*\\[]+', pattern) -%}
        {%- if part in ['*', '**'] -%}
            {%- do parts.append('[^/]*' if part == '*' else '.*') -%}
        {%- else -%}
            {%- do parts.append(modules.re.escape(part[1] if part.startswith('[') else part)) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set files = [] -%}
    {%- for row in run_query('select path from raw_dir_files order by path').rows -%}
        {%- set file = row[0] if '://' in folder else modules.re.sub('^file:/+', '/', row[0]) -%}
        {%- if modules.re.match(parts | join ~ '$', file) -%}
            {%- do files.append(file) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(files) }}
{%- endmacro %}
