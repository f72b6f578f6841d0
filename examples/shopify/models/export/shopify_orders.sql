-- One row per order, from the lines of all exports. Shopify fills an order's own columns only on its first line, so a
-- column's maximum is its only value.
with lines as (

    select
        *,
        -- exports may overlap: for an order in several files, the last file by name counts
        max(filename) over (partition by "Name") as last_file
    from read_csv(
        '{{ var("export_folder") }}/orders_export*.csv',
        all_varchar = true, header = true, delim = ',', quote = '"', escape = '"',
        union_by_name = true, filename = true, parallel = false
    )

),

orders as (

    select
        "Name" as order_name,
        max("Id") as order_id,
        lower(trim(max("Email"))) as email,
        -- Shopify puts an apostrophe before values that a spreadsheet would read as numbers
        regexp_replace(max("Phone"), '[^0-9+]', '', 'g') as phone,
        -- 2026-03-29 03:10:00 +0200: DuckDB's own casts do not take the space before the offset
        regexp_replace(max("Created at"), ' ([+-])', '\1') as created_at,
        lower(max("Financial Status")) as financial_status,
        max("Cancelled at") is not null as is_cancelled,
        max("Currency") as currency,
        sum(cast("Lineitem quantity" as integer) * cast("Lineitem price" as decimal(18, 4))) as items,
        cast(max("Subtotal") as decimal(18, 4)) as subtotal,
        cast(max("Shipping") as decimal(18, 4)) as shipping,
        cast(max("Taxes") as decimal(18, 4)) as taxes,
        cast(max("Total") as decimal(18, 4)) as total,
        coalesce(cast(max("Refunded Amount") as decimal(18, 4)), 0) as refunded,
        max("Discount Code") as discount_code,
        max("Source") as source,
        max("Accepts Marketing") as accepts_marketing,
        -- the question at checkout: a line in the notes that the form adds to the order
        nullif(trim(regexp_extract(
            max("Note Attributes"), 'How did you hear about us\?:([^\r\n]*)', 1
        )), '') as heard_through
    from lines
    where filename = last_file
    group by "Name"

),

with_tax_share as (

    select
        *,
        -- applies to every amount if prices include tax: the total is then subtotal plus shipping
        case
            when total > 0 and abs(total - subtotal - shipping) < abs(total - subtotal - shipping - taxes)
                then cast(taxes as double) / cast(total as double)
            else 0
        end as tax_share
    from orders

)

select
    *,
    cast(round(cast(items as double) * (1 - tax_share), 4) as decimal(18, 4)) as items_without_tax,
    cast(round(cast(subtotal as double) * (1 - tax_share), 4) as decimal(18, 4)) as subtotal_without_tax
from with_tax_share
