{#- the loops: tables and columns come from the contract of the raw tables -#}
{%- set as_of_date = '(select as_of_date from ' ~ ref('as_of_date') ~ ')' -%}
{%- set versions = {
    'orders': ref('base_orders_versions'),
    'interactions': ref('base_interactions_versions'),
    'subscriptions': ref('base_subscriptions_versions'),
    'feedback': ref('base_feedback_versions'),
} -%}

-- rows that compete for a key with the one that is kept, if amounts, durations or scores differ; none counts as 0
with
{%- for table, relation in versions.items() %}
{%- set contract = raw_tables()[table] %}
{%- set key = contract.key[1] %}
{%- set event = contract.columns | selectattr('name', 'equalto', contract.event_time) | first %}
{%- set amounts = contract.columns | selectattr('reads_as', 'in', ['money', 'seconds', 'score'])
    | map(attribute='name') | list %}
{{ table }}_versions as (

    select
        brand_id,
        {{ key }},
        count(*) as versions,
        {%- for amount in amounts %}
        min(coalesce({{ amount }}, 0)) <> max(coalesce({{ amount }}, 0)) as {{ amount }}_differs,
        {%- endfor %}
        -- null if the row that is kept is not among them
        max(case when version_rank = 1 then {{ event.date }} end) <= {{ as_of_date }} as is_accepted
    from {{ relation }}
    group by brand_id, {{ key }}{{ ', updated_at' if contract.is_versioned }}

),

{{ table }}_found as (

    select
        brand_id,
        '{{ table }}' as source_table,
        versions,
        '{{ key }} ''' || {{ key }} || ''': ' || cast(versions as {{ dbt.type_string() }}) || ' rows that differ in '
        || case
            {%- for amount in amounts %}
            when {{ amount }}_differs then '{{ amount }}'
            {%- endfor %}
        end as example
    from {{ table }}_versions
    where
        is_accepted
        and ({% for amount in amounts %}{{ ' or ' if not loop.first }}{{ amount }}_differs{% endfor %})

){{ ',' if not loop.last }}
{% endfor %},

found as (

    {%- for table in versions %}
    select * from {{ table }}_found
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select
    brand_id,
    source_table,
    'versions_indistinguishable' as finding,
    sum(versions) as row_count,
    min({{ byte_order('example') }}) as example,
    case when count(*) = 1 then '1 key has' else cast(count(*) as {{ dbt.type_string() }}) || ' keys have' end
    || ' rows that differ, and none is later than the others: one row stays, and the amounts of the others are lost. '
    || case
        when source_table = 'orders'
            then 'If they are lines of an order, land one row per order; if they are versions, deliver updated_at.'
        when source_table = 'subscriptions' then 'If they are versions, deliver updated_at.'
        else 'Give each row an identifier of its own, or land only the one that counts.'
    end as hint
from found
group by brand_id, source_table
