{#- How each file of a table is to be read (see csv_plan). -#}
{% macro csv_plans(table, found) -%}
    {%- set plans = [] -%}
    {%- for file in found.files -%}
        {%- set plan = csv_plan(table, file, hive_columns(file, found.base)) -%}
        {%- if plan is not none -%}
            {%- do plans.append(plan) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(plans) }}
{%- endmacro %}
