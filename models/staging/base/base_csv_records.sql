{#- the loops: files and tables are what `raw_dir` holds -#}
{{ config(materialized='table') }}

{#- Counted line by line, apart from the reader of the values, so that what that one left out would show.
    Nothing where one brand is built: these records are of no brand, or of another. -#}
{%- set settings = project_settings() -%}
{%- set text = dbt.type_string() -%}
{%- set selects = [] -%}
{%- if settings.raw_dir is not none and settings.only_brand is none -%}
    {%- for table in raw_tables() -%}
        {%- for plan in raw_source(table).plans or [] -%}
            {%- do selects.append([table, csv_records(plan)]) -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endif -%}
with records as (

    {% for table, records in selects -%}
    select
        '{{ table }}' as source_table,
        record,
        is_well_formed
    from ({{ records }}) as records_of_file

    union all

    {% endfor -%}
    select
        cast(null as {{ text }}) as source_table,
        cast(null as {{ text }}) as record,
        true as is_well_formed
    from (select 1 as one) as one_row
    where false

)

select
    source_table,
    cast(null as {{ text }}) as malformed_record,
    count(*) as records
from records
where is_well_formed
group by source_table

union all

select
    source_table,
    record as malformed_record,
    1 as records
from records
where not is_well_formed
