{#- The file or files of `raw_dir` that hold a raw table. DuckDB alone reads files in place. -#}
{% macro raw_files(folder, table) -%}
    {%- set forms = raw_file_forms(folder, table) -%}
    {%- if forms | length > 1 -%}
        {{ exceptions.raise_compiler_error(
            "Setting 'raw_dir': the table " ~ table ~ ' is there more than once: '
            ~ forms | map(attribute='path') | join(' and ') ~ '. Keep one and move the others out of the folder.'
        ) }}
    {%- endif -%}
    {%- set problems = raw_folder_problems(folder, [table]) -%}
    {%- if problems -%}
        {{ exceptions.raise_compiler_error("Setting 'raw_dir': " ~ problems | join('\n')) }}
    {%- endif -%}
    {{ return(forms[0] if forms else none) }}
{%- endmacro %}
