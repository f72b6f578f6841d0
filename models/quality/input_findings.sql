with findings as (

    select * from {{ ref('int_status_findings') }}

    union all

    select * from {{ ref('int_time_findings') }}

    union all

    select * from {{ ref('int_version_findings') }}

    union all

    select * from {{ ref('int_customer_findings') }}

    union all

    select * from {{ ref('int_channel_findings') }}

    union all

    select * from {{ ref('int_rejection_findings') }}

)

select
    brand_id,
    source_table,
    finding,
    cast(row_count as bigint) as row_count,
    case when length(example) > 200 then left(example, 197) || '...' else example end as example,
    hint,
    finding in ('no_order_counts', 'ids_never_meet') as is_alert
from findings
