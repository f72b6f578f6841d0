{#- The table's contract says which columns are amounts, and which of its times is the event's. Null counts as 0. -#}
{% macro indistinguishable_versions(table, versions, as_of_date) -%}
    {%- set contract = raw_tables()[table] -%}
    {%- set key = contract.key[1] -%}
    {%- set event = contract.columns | selectattr('name', 'equalto', contract.event_time) | first -%}
    {%- set amounts = contract.columns | selectattr('reads_as', 'in', ['money', 'seconds', 'score'])
        | map(attribute='name') | list -%}
    select
        brand_id,
        '{{ table }}' as source_table,
        versions,
        {{ sql_text(key ~ " '") }} || {{ key }} || {{ sql_text("': ") }} || cast(versions as {{ dbt.type_string() }})
        || ' rows that differ in '
        || case
            {%- for amount in amounts %}
            when {{ amount }}_differs then '{{ amount }}'
            {%- endfor %}
        end as example
    from (
        select
            brand_id,
            {{ key }},
            count(*) as versions,
            {%- for amount in amounts %}
            min(coalesce({{ amount }}, 0)) <> max(coalesce({{ amount }}, 0)) as {{ amount }}_differs,
            {%- endfor %}
            -- null if the row that is kept is not among them
            max(case when version_rank = 1 then {{ event.date }} end) <= {{ as_of_date }} as is_accepted
        from {{ versions }}
        group by brand_id, {{ key }}{{ ', updated_at' if contract.is_versioned }}
    ) as {{ table }}_versions
    where
        is_accepted
        and ({% for amount in amounts %}{{ ' or ' if not loop.first }}{{ amount }}_differs{% endfor %})
{%- endmacro %}
