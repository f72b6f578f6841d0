{#-
    Files as one path of Spark's: a file, or those below a folder in braces.
-#}
{% macro spark_path(files, base=none) -%}
    {%- for file in files if modules.re.search('[*?{}\\[\\],`\\\\]', file) -%}
        {{ exceptions.raise_compiler_error(
            "Setting 'raw_dir': the path " ~ file ~ ' has one of the characters * ? { } [ ] , ` \\, which Spark'
            ~ ' reads as a pattern. Rename it.'
        ) }}
    {%- endfor -%}
    {%- if files | length == 1 -%}
        {{ return(files[0]) }}
    {%- endif -%}
    {%- set names = [] -%}
    {%- for file in files -%}{%- do names.append(file[base | length:]) -%}{%- endfor -%}
    {{ return(base ~ '{' ~ names | join(',') ~ '}') }}
{%- endmacro %}
