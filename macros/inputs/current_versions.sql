{% macro current_versions(table, checked, versions=none) -%}
    {%- set contract = raw_tables()[table] -%}
    {%- set columns = ['has_time_of_day'] -%}
    {%- for column in contract.columns -%}
        {%- do columns.append(column.name) -%}
        {%- if column.date is defined -%}
            {%- do columns.append(column.date) -%}
        {%- endif -%}
    {%- endfor -%}
    select {{ columns | join(', ') }}
    from {{ checked }} as checked
    where
        rejection_reason is null
    {%- if versions is not none %}
        and not exists (
            select 1 from {{ versions }} as versions
            where
            {%- for column in contract.key %}
                {{ 'and ' if not loop.first }}versions.{{ column }} = checked.{{ column }}
            {%- endfor %}
        )

    union all

    select {{ columns | join(', ') }}
    from {{ versions }}
    where version_rank = 1
    {%- endif %}
{%- endmacro %}
