{#- The values that folders such as `brand_id=acme/` give to a file below the table's own folder, by column. -#}
{% macro hive_columns(file, base) -%}
    {%- set columns = {} -%}
    {%- for step in (file.split(base)[-1]).split('/')[:-1] if base is not none and '=' in step -%}
        {%- do columns.update({step.split('=')[0] | lower: step.split('=', 1)[1]}) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}
