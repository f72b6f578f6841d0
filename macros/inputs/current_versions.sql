{% macro current_versions(table, checked, versions=none) -%}
    {%- set contract = raw_tables()[table] -%}
    {%- set columns = ['has_time_of_day'] -%}
    {%- for column in contract.columns -%}
        {%- do columns.append(column.name) -%}
        {%- if column.date is defined -%}
            {%- do columns.append(column.date) -%}
            {%- if column.name != contract.event_time -%}
                {%- do columns.append(column.name ~ '_has_time_of_day') -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    select
    {%- for column in columns %}
        checked.{{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
    from {{ checked }} as checked
    {%- if versions is not none %}
    -- an outer join that finds nothing takes DuckDB half the time of `not exists` over a view
    left join (select distinct {{ contract.key | join(', ') }} from {{ versions }}) as versions
        on
        {%- for column in contract.key %}
            {{ 'and ' if not loop.first }}checked.{{ column }} = versions.{{ column }}
        {%- endfor %}
    {%- endif %}
    where
        checked.rejection_reason is null
    {%- if versions is not none %}
        and versions.{{ contract.key[0] }} is null

    union all

    select {{ columns | join(', ') }}
    from {{ versions }}
    where version_rank = 1
    {%- endif %}
{%- endmacro %}
