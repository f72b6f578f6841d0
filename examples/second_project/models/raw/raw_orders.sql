with bakery_receipts as (

    select * from {{ ref('bakery_receipts') }}

),

bike_invoices as (

    select * from {{ ref('bike_invoices') }}

)

select
    'bakery' as brand_id,
    receipt as order_id,
    card as customer_id,
    sold_at as ordered_at,
    state as status,
    items as gross_amount,
    0 as discount_amount,
    refunded as refund_amount,
    'EUR' as currency
from bakery_receipts
union all
select
    'bikes' as brand_id,
    cast(invoice as {{ dbt.type_string() }}) as order_id,
    client as customer_id,
    -- a day without a time is already a business date
    invoiced_on as ordered_at,
    'completed' as status,
    items as gross_amount,
    discount as discount_amount,
    0 as refund_amount,
    'GBP' as currency
from bike_invoices
