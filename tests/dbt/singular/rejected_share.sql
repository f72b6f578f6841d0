-- Tables with a larger share of rejected rows than the var max_rejected_share. Warns; with the var
-- fail_on_rejected_share it fails.
-- Rows: such tables.
{%- set settings = project_settings() -%}
{{ config(severity='error' if settings.fail_on_rejected_share else 'warn') }}

with tables as (

    select
        source_table,
        sum(raw_rows) as raw_rows,
        sum(rejected_rows) as rejected_rows
    from {{ ref('input_reconciliation') }}
    group by source_table

)

select
    source_table,
    raw_rows,
    rejected_rows,
    {{ ratio('rejected_rows', 'raw_rows') }} as rejected_share
from tables
where {{ ratio('rejected_rows', 'raw_rows') }} > {{ sql_number(settings.max_rejected_share) }}
