-- Identity: accepted + rejected + superseded + after as_of_date = raw rows, per table and brand; and each table's raw
-- rows are the rows it actually holds.
-- Rows: tables and brands that do not add up.
with reconciled as (

    select
        source_table,
        sum(raw_rows) as raw_rows
    from {{ ref('input_reconciliation') }}
    group by source_table

),

csv_records as (

    select
        source_table,
        sum(records) as raw_rows
    from {{ ref('base_csv_records') }}
    group by source_table

),

rows_read as (

    select
        'orders' as source_table,
        count(*) as raw_rows
    from {{ ref('base_orders') }}

    union all

    select
        'customers' as source_table,
        count(*) as raw_rows
    from {{ ref('base_customers') }}

    union all

    select
        'interactions' as source_table,
        count(*) as raw_rows
    from {{ ref('base_interactions') }}

    union all

    select
        'subscriptions' as source_table,
        count(*) as raw_rows
    from {{ ref('base_subscriptions') }}

    union all

    select
        'feedback' as source_table,
        count(*) as raw_rows
    from {{ ref('base_feedback') }}

    union all

    select
        'marketing_spend' as source_table,
        count(*) as raw_rows
    from {{ ref('base_marketing_spend') }}

),

held as (

    select
        rows_read.source_table,
        coalesce(csv_records.raw_rows, rows_read.raw_rows) as raw_rows
    from rows_read
    left join csv_records
        on rows_read.source_table = csv_records.source_table

)

select
    source_table,
    brand_id,
    raw_rows,
    accepted_rows + rejected_rows + superseded_rows + after_as_of_date_rows as accounted_for
from {{ ref('input_reconciliation') }}
where
    accepted_rows + rejected_rows + superseded_rows + after_as_of_date_rows <> raw_rows
    or {{ least('accepted_rows', 'rejected_rows', 'superseded_rows', 'after_as_of_date_rows') }} < 0

union all

select
    held.source_table,
    '(all brands)' as brand_id,
    held.raw_rows,
    coalesce(reconciled.raw_rows, 0) as accounted_for
from held
left join reconciled
    on held.source_table = reconciled.source_table
where coalesce(reconciled.raw_rows, 0) <> held.raw_rows
