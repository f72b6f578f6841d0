{% macro count_raw_table(table, relation, versions, as_of_date) -%}
    {%- set contract = raw_tables()[table] -%}
    {%- set event = contract.columns | selectattr('name', 'equalto', contract.event_time) | first -%}
    {%- set day = '(select as_of_date from ' ~ as_of_date ~ ' as reporting_day)' -%}
    {%- set lies_after = event.date ~ ' is not null and (' ~ day ~ ' is null or ' ~ event.date ~ ' > ' ~ day ~ ')' -%}
    {%- set brand_id = parse_raw_identifier('brand_id', families_as_read(table, relation).brand_id) -%}
-- rows that may lie after the date: a business date cannot if its UTC day lies before it
with checked as (

    {{ check_raw_table(
        table, relation,
        '(' ~ day ~ ' is null or ' ~ parse_raw_time(table, contract.event_time, relation) ~ ' >= ' ~ day ~ ')'
    ) }}

),

arrived as (

    select coalesce({{ brand_id }}, '(missing)') as brand_id
    from {{ relation }}

),

raw_rows as (

    select
        brand_id,
        count(*) as raw_rows
    from arrived
    group by brand_id

),

valid_after_date as (

    select
        brand_id,
        count(*) as row_count
    from checked
    where rejection_reason is null and {{ lies_after }}
    group by brand_id

)
{%- if versions is not none %},

-- a superseded row is superseded whatever its date
superseded as (

    select
        brand_id,
        count(*) as row_count,
        count(case when {{ lies_after }} then 1 end) as after_date
    from {{ versions }}
    where version_rank > 1
    group by brand_id

)
{%- endif %}

-- valid rows have a brand
select
    raw_rows.brand_id,
    raw_rows.raw_rows,
    {%- if versions is not none %}
    coalesce(superseded.row_count, 0) as superseded_rows,
    coalesce(valid_after_date.row_count, 0) - coalesce(superseded.after_date, 0) as after_as_of_date_rows
    {%- else %}
    0 as superseded_rows,
    coalesce(valid_after_date.row_count, 0) as after_as_of_date_rows
    {%- endif %}
from raw_rows
left join valid_after_date
    on raw_rows.brand_id = valid_after_date.brand_id
{%- if versions is not none %}
left join superseded
    on raw_rows.brand_id = superseded.brand_id
{%- endif %}
{%- endmacro %}
