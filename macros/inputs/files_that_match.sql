{% macro files_that_match(pattern) -%}
    {%- set files = [] -%}
    {%- for row in run_query('select file from glob(' ~ sql_text(pattern) ~ ') order by file').rows -%}
        {%- do files.append(row[0]) -%}
    {%- endfor -%}
    {{ return(files) }}
{%- endmacro %}
