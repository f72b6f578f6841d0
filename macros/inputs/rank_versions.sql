{% macro rank_versions(table, relation) -%}
    {%- set contract = raw_tables()[table] -%}
    {%- set same_key = [] -%}
    {%- for column in contract.key -%}
        {%- do same_key.append(
            'repeated_keys.' ~ column ~ ' = ' ~ clean_text('cast(arrived.' ~ column ~ ' as ' ~ dbt.type_string() ~ ')')
        ) -%}
    {%- endfor -%}
-- few keys have more than one row: counting finds them at a fraction of what checking and ranking every row costs
with repeated_keys as (

    select
        {%- for column in contract.key %}
        {{ clean_text('cast(' ~ column ~ ' as ' ~ dbt.type_string() ~ ')') }} as {{ column }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ relation }}
    group by {% for column in contract.key %}{{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}
    having count(*) > 1

),

versions as (

    {{ check_raw_table(
        table, relation, 'exists (select 1 from repeated_keys where ' ~ same_key | join(' and ') ~ ')'
    ) | indent(4) }}

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
