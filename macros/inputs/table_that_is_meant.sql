{#- customers.tsv, Customers.csv, customer.csv, customers (1).csv and Marketing-Spend.xlsx mean tables; notes.txt
    none. -#}
{% macro table_that_is_meant(name, is_folder=false) -%}
    {%- if name.startswith('.') or not (is_folder or looks_like_data(name)) -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set stem = name.lower().split('.')[0] | trim -%}
    {%- set stem = modules.re.sub('[ _-]*([(][0-9]+[)]|[ _-]copy)$', '', stem) -%}
    {%- set stem = modules.re.sub('[^a-z0-9]+', '_', stem).strip('_') -%}
    {%- for table in raw_tables() if stem == table or (stem | length) > 4 and _edit_distance(stem, table) <= 1 -%}
        {{ return(table) }}
    {%- endfor -%}
    {{ return(none) }}
{%- endmacro %}
