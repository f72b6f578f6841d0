{% macro csv_size(file) -%}
    {{ return(
        run_query('select size from read_blob(' ~ sql_text(glob_literal(file)) ~ ')').columns[0].values()[0] | int
    ) }}
{%- endmacro %}
