-- each count is made by itself, so that their sum can be compared with the raw count
with counted as (

    select
        'orders' as source_table,
        *
    from {{ ref('base_orders_counts') }}

    union all

    select
        'customers' as source_table,
        *
    from {{ ref('base_customers_counts') }}

    union all

    select
        'interactions' as source_table,
        *
    from {{ ref('base_interactions_counts') }}

    union all

    select
        'subscriptions' as source_table,
        *
    from {{ ref('base_subscriptions_counts') }}

    union all

    select
        'feedback' as source_table,
        *
    from {{ ref('base_feedback_counts') }}

    union all

    select
        'marketing_spend' as source_table,
        *
    from {{ ref('base_marketing_spend_counts') }}

),

-- fct_orders has every accepted order, and is stored; stg_orders is a view, and would check every row again
accepted as (

    select
        'orders' as source_table,
        brand_id,
        count(*) as accepted_rows
    from {{ ref('fct_orders') }}
    group by brand_id

    union all

    select
        'customers' as source_table,
        brand_id,
        count(*) as accepted_rows
    from {{ ref('stg_customers') }}
    group by brand_id

    union all

    select
        'interactions' as source_table,
        brand_id,
        count(*) as accepted_rows
    from {{ ref('stg_interactions') }}
    group by brand_id

    union all

    select
        'subscriptions' as source_table,
        brand_id,
        count(*) as accepted_rows
    from {{ ref('stg_subscriptions') }}
    group by brand_id

    union all

    select
        'feedback' as source_table,
        brand_id,
        count(*) as accepted_rows
    from {{ ref('stg_feedback') }}
    group by brand_id

    union all

    select
        'marketing_spend' as source_table,
        brand_id,
        count(*) as accepted_rows
    from {{ ref('stg_marketing_spend') }}
    group by brand_id

),

rejected as (

    select
        source_table,
        brand_id,
        count(*) as rejected_rows
    from {{ ref('rejected_rows') }}
    group by source_table, brand_id

),

csv_records as (

    select
        source_table,
        sum(records) as records
    from {{ ref('base_csv_records') }}
    group by source_table

),

rows_read as (

    select
        source_table,
        sum(raw_rows) as rows_read
    from counted
    group by source_table

),

-- only CSV files are counted twice: by record, and by the rows read from them. Records without a row belong to no
-- brand: malformed ones, and any that the reader lost
unread as (

    select
        csv_records.source_table,
        csv_records.records - coalesce(rows_read.rows_read, 0) as raw_rows
    from csv_records
    left join rows_read
        on csv_records.source_table = rows_read.source_table
    where csv_records.records <> coalesce(rows_read.rows_read, 0)

),

all_counts as (

    select
        source_table,
        brand_id,
        raw_rows,
        0 as accepted_rows,
        0 as rejected_rows,
        superseded_rows,
        after_as_of_date_rows
    from counted

    union all

    select
        source_table,
        brand_id,
        0 as raw_rows,
        accepted_rows,
        0 as rejected_rows,
        0 as superseded_rows,
        0 as after_as_of_date_rows
    from accepted

    union all

    select
        source_table,
        brand_id,
        0 as raw_rows,
        0 as accepted_rows,
        rejected_rows,
        0 as superseded_rows,
        0 as after_as_of_date_rows
    from rejected

    union all

    select
        source_table,
        cast(null as {{ dbt.type_string() }}) as brand_id,
        raw_rows,
        0 as accepted_rows,
        0 as rejected_rows,
        0 as superseded_rows,
        0 as after_as_of_date_rows
    from unread

)

select
    source_table,
    coalesce(brand_id, '(missing)') as brand_id,
    cast(sum(raw_rows) as bigint) as raw_rows,
    cast(sum(accepted_rows) as bigint) as accepted_rows,
    cast(sum(rejected_rows) as bigint) as rejected_rows,
    cast(sum(superseded_rows) as bigint) as superseded_rows,
    cast(sum(after_as_of_date_rows) as bigint) as after_as_of_date_rows
from all_counts
group by source_table, coalesce(brand_id, '(missing)')
