{#- fct_orders stores every accepted order; stg_orders is a view, and reading it checks every row again -#}
{%- set accepted_rows = {'orders': 'fct_orders'} -%}
{%- set counts = ['raw_rows', 'accepted_rows', 'rejected_rows', 'superseded_rows', 'after_as_of_date_rows'] -%}
{%- set as_of_date = '(select as_of_date from ' ~ ref('as_of_date') ~ ')' -%}

-- each of the four is counted independently, so that their sum can be compared with the raw count
with rejected as (

    select
        source_table,
        brand_id,
        count(*) as rejected_rows
    from {{ ref('rejected_rows') }}
    group by source_table, brand_id

),

{% for table, contract in raw_tables().items() -%}
{%- set event = contract.columns | selectattr('name', 'equalto', contract.event_time) | first -%}
{%- set is_after = '(' ~ as_of_date ~ ' is null or ' ~ event.date ~ ' > ' ~ as_of_date ~ ')' -%}
-- a business date cannot lie after the date if its UTC day lies before it
{{ table }}_after_date as (

    {{ check_raw_table(
        table, ref('base_' ~ table),
        '(' ~ as_of_date ~ ' is null or ' ~ parse_raw_time(table, contract.event_time, ref('base_' ~ table))
        ~ ' >= ' ~ as_of_date ~ ')'
    ) }}

),

{{ table }}_arrived as (

    select {{ parse_raw_identifier('brand_id', families_as_read(table, ref('base_' ~ table)).brand_id) }} as brand_id
    from {{ ref('base_' ~ table) }}

),

{{ table }}_counts as (

    select
        brand_id,
        count(*) as raw_rows,
        0 as accepted_rows,
        0 as superseded_rows,
        0 as after_as_of_date_rows
    from {{ table }}_arrived
    group by brand_id

    union all

    select
        brand_id,
        0,
        count(*),
        0,
        0
    from {{ ref(accepted_rows.get(table, 'stg_' ~ table)) }}
    group by brand_id

    union all

    select
        brand_id,
        0,
        0,
        0,
        count(*)
    from {{ table }}_after_date
    where rejection_reason is null and {{ event.date }} is not null and {{ is_after }}
    group by brand_id
    {%- if contract.key %}

    union all

    -- a superseded row is superseded whatever its date
    select
        brand_id,
        0,
        0,
        count(*),
        -count(*) filter (where {{ event.date }} is not null and {{ is_after }})
    from {{ ref('base_' ~ table ~ '_versions') }}
    where version_rank > 1
    group by brand_id
    {%- endif %}

),

{% endfor -%}
-- only CSV files are counted twice: by record, and by the rows read from them
unread as (

    select *
    from (
        select
            records.source_table,
            records.records,
            case records.source_table
            {%- for table in raw_tables() %}
                when '{{ table }}' then (select count(*) from {{ table }}_arrived)
            {%- endfor %}
            end as rows_read
        from (
            select
                source_table,
                sum(records) as records
            from {{ ref('base_csv_records') }}
            group by source_table
        ) as records
    ) as compared
    where records <> rows_read

),

counted as (

    {% for table in raw_tables() -%}
    select
        '{{ table }}' as source_table,
        brand_id,
        raw_rows,
        accepted_rows,
        0 as rejected_rows,
        superseded_rows,
        after_as_of_date_rows
    from {{ table }}_counts

    union all

    {% endfor -%}
    -- records without a row belong to no brand: malformed ones, and any that the reader lost
    select
        source_table,
        cast(null as {{ dbt.type_string() }}),
        records - rows_read,
        0,
        0,
        0,
        0
    from unread

    union all

    select
        source_table,
        brand_id,
        0,
        0,
        rejected_rows,
        0,
        0
    from rejected

)

select
    source_table,
    coalesce(brand_id, '(missing)') as brand_id,
    {%- for count in counts %}
    cast(sum({{ count }}) as bigint) as {{ count }}
    {{- ',' if not loop.last }}
    {%- endfor %}
from counted
group by source_table, coalesce(brand_id, '(missing)')
