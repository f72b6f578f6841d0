{#- All parts of a table as what `from` reads, with the contract's columns; a column that a part lacks is null
    there. -#}
{% macro csv_source(table, found) -%}
    {%- set columns = {} -%}
    {%- set plans = csv_plans(table, found) -%}
    {%- for plan in plans -%}
        {%- for name in plan.names + plan.hive | list -%}
            {%- do columns.update({name: {'name': adapter.quote(name), 'type': 'VARCHAR'}}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set wanted = [] -%}
    {%- for column in raw_tables()[table].columns if column.name in columns -%}
        {%- do wanted.append(column.name) -%}
    {%- endfor -%}
    {%- set selects = [] -%}
    {%- for plan in plans -%}
        {%- do selects.append(csv_values(plan, wanted)) -%}
    {%- endfor -%}
    {{ return({
        'relation': '(\n' ~ selects | join('\n\n    union all\n') ~ '\n) as ' ~ table,
        'columns': columns, 'plans': plans
    }) }}
{%- endmacro %}
