{#- Stops dbt with what is wrong on a line, whose number is given as csv_lines counts it. -#}
{% macro csv_error(file, encoding, line_number, what, remedy=none) -%}
    {{ exceptions.raise_compiler_error(
        'The file ' ~ file ~ ', line ' ~ csv_line_in_editor(file, encoding, line_number) ~ ': ' ~ what ~ '. '
        ~ (
            remedy
            or 'Write a quote within a quoted value twice ("3"" pipe"), or export the file again with its quotes'
            ~ ' doubled.'
        )
    ) }}
{%- endmacro %}
