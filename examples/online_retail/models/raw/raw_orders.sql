with invoice_lines as (

    select * from {{ ref('invoice_lines') }}

),

refunds as (

    select * from {{ ref('refunds') }}

),

invoices as (

    select
        invoice_no,
        is_credit_note,
        -- an invoice has one customer, and 43 have lines from two different minutes
        max(customer_id) as customer_id,
        min(invoiced_at) as invoiced_at,
        max(country) as country,
        coalesce(sum(amount) filter (where is_article), 0) as amount
    from invoice_lines
    group by invoice_no, is_credit_note

)

select
    'giftware' as brand_id,
    invoices.invoice_no as order_id,
    invoices.customer_id,
    invoices.invoiced_at as ordered_at,
    -- not a valid status: a credit note is not a purchase
    case when invoices.is_credit_note then 'credit note' else 'completed' end as status,
    case when invoices.is_credit_note then -invoices.amount else invoices.amount end as gross_amount,
    refunds.refund_amount,
    'GBP' as currency,
    invoices.country as channel
from invoices
left join refunds
    on invoices.invoice_no = refunds.invoice_no
