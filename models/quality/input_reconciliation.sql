{%- set counts = ['raw_rows', 'accepted_rows', 'rejected_rows', 'superseded_rows', 'after_as_of_date_rows'] -%}

with as_of_date as (

    select as_of_date from {{ ref('as_of_date') }}

),

{% for table, contract in raw_tables().items() -%}
{%- set date = (contract.columns | selectattr('name', 'equalto', contract.event_time) | first).date -%}
{%- set checked = ref('int_' ~ table ~ '_checked') -%}
{%- set versions = ref('int_' ~ table ~ '_versions') if contract.key else none -%}
{{ table }}_counts as (

    -- each of the four is counted for itself, so that their sum can be held against the raw count
    select
        brand_id,
        1 as raw_rows,
        0 as accepted_rows,
        case when rejection_reason is not null then 1 else 0 end as rejected_rows,
        0 as superseded_rows,
        case when rejection_reason is null and {{ date }} is not null
            and (as_of_date.as_of_date is null or {{ date }} > as_of_date.as_of_date) then 1 else 0 end as after_as_of_date_rows
    from {{ checked }}
    cross join as_of_date

    union all

    select brand_id, 0, 1, 0, 0, 0
    from {{ ref('stg_' ~ table) }}

    {%- if versions is not none %}

    union all

    -- a superseded row is superseded whatever its date
    select
        brand_id, 0, 0, 0, 1,
        case when {{ date }} is not null
            and (as_of_date.as_of_date is null or {{ date }} > as_of_date.as_of_date) then -1 else 0 end
    from {{ versions }}
    cross join as_of_date
    where version_rank > 1
    {%- endif %}

),

{% endfor -%}
counts as (

    {% for table in raw_tables() -%}
    select '{{ table }}' as source_table, * from {{ table }}_counts
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    source_table,
    coalesce(brand_id, '(missing)') as brand_id,
    {%- for count in counts %}
    cast(sum({{ count }}) as bigint) as {{ count }}
    {{- ',' if not loop.last }}
    {%- endfor %}
from counts
group by source_table, coalesce(brand_id, '(missing)')
