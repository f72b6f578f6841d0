-- The file's lines with types and names of our own. Three invoices "A…" adjust bad debts and are left out.
select
    "InvoiceNo" as invoice_no,
    "InvoiceNo" like 'C%' as is_credit_note,
    cast(cast("CustomerID" as bigint) as varchar) as customer_id,
    -- London wall time
    "InvoiceDate" at time zone 'Europe/London' as invoiced_at,
    "StockCode" as article,
    -- postage, carriage, bank charges, marketplace fees, a charity's commission
    upper("StockCode") not in ('POST', 'DOT', 'C2', 'BANK CHARGES', 'AMAZONFEE', 'CRUK') as is_article,
    "Quantity" as quantity,
    "Quantity" * cast("UnitPrice" as decimal(18, 4)) as amount,
    "Country" as country
from read_parquet('{{ var("invoice_file") }}')
where "InvoiceNo" not like 'A%'
