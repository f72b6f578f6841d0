with rejected as (

    {{ rejected_rows_of('orders', ref('base_orders_checked')) }}

    union all

    {{ rejected_rows_of('customers', ref('base_customers_checked')) }}

    union all

    {{ rejected_rows_of('interactions', ref('base_interactions_checked')) }}

    union all

    {{ rejected_rows_of('subscriptions', ref('base_subscriptions_checked')) }}

    union all

    {{ rejected_rows_of('feedback', ref('base_feedback_checked')) }}

    union all

    {{ rejected_rows_of('marketing_spend', ref('base_marketing_spend_checked')) }}

    union all

    select
        source_table,
        {{ dbt.hash('malformed_record') }} as row_hash,
        cast(null as {{ dbt.type_string() }}) as brand_id,
        'malformed_row' as reason,
        {{ json_object_text([['line', 'malformed_record']]) }} as raw_row
    from {{ ref('base_csv_records') }}
    where malformed_record is not null

),

numbered as (

    -- identical rows have the same reason, so their order does not matter
    select
        *,
        row_number() over (partition by source_table, row_hash order by reason) as occurrence
    from rejected

)

select
    source_table,
    row_hash || '-' || cast(occurrence as {{ dbt.type_string() }}) as row_id,
    brand_id,
    reason,
    raw_row
from numbered
