-- Identity: per table and brand the rejected rows of input_reconciliation are the rows of rejected_rows, and the
-- accepted ones those in staging.
-- Rows: tables and brands for which they differ.
with counted as (

    select
        source_table,
        brand_id,
        rejected_rows,
        accepted_rows
    from {{ ref('input_reconciliation') }}

    union all

    select
        source_table,
        coalesce(brand_id, '(missing)') as brand_id,
        -count(*) as rejected_rows,
        0 as accepted_rows
    from {{ ref('rejected_rows') }}
    group by source_table, coalesce(brand_id, '(missing)')

    {%- for table in raw_tables() %}

    union all

    select
        '{{ table }}' as source_table,
        brand_id,
        0 as rejected_rows,
        -count(*) as accepted_rows
    -- fct_orders has every row of stg_orders, which is a view and expensive to count
    from {{ ref('fct_orders' if table == 'orders' else 'stg_' ~ table) }}
    group by brand_id
    {%- endfor %}

)

select
    source_table,
    brand_id,
    sum(rejected_rows) as rejected_rows_too_many,
    sum(accepted_rows) as accepted_rows_too_many
from counted
group by source_table, brand_id
having sum(rejected_rows) <> 0 or sum(accepted_rows) <> 0
