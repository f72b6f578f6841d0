{% macro rank_versions(table, relation) -%}
    {%- set contract = raw_tables()[table] -%}
    {%- set families = families_as_read(table, relation) -%}
    {%- set key = [] -%}
    {%- for column in contract.key -%}
        {%- do key.append(parse_raw_identifier(column, families[column])) -%}
    {%- endfor -%}
-- few keys have more than one row: counting finds them at a fraction of what checking and ranking every row costs
with repeated_keys as (

    select
        {%- for column in contract.key %}
        {{ key[loop.index0] }} as {{ column }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ relation }}
    group by {% for column in contract.key %}{{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}
    having count(*) > 1

),

versions as (

    {#- not indented: the key's expressions hold characters that `indent` would take for line breaks -#}
    {{ check_raw_table(table, relation, is_in_query(key, contract.key, 'repeated_keys')) }}

)

select
    *,
    row_number() over (
        partition by {{ contract.key | join(', ') }}
        order by
            {{ 'updated_at desc nulls last,' if contract.is_versioned }}
            {{ byte_order('(' ~ row_text(table) ~ ')') }} desc
    ) as version_rank
from versions
where rejection_reason is null
{%- endmacro %}
