-- Refunds per invoice. Credit notes do not name the invoice they credit: each of their lines goes to the customer's
-- latest earlier invoice with at least that quantity of the article.
with invoice_lines as (

    select *
    from {{ ref('invoice_lines') }}
    where is_article and customer_id is not null

),

credited as (

    select
        row_number() over (order by invoice_no, article, quantity, amount) as credit_line,
        *
    from invoice_lines
    where is_credit_note

),

sold as (

    select
        invoice_no,
        customer_id,
        article,
        min(invoiced_at) as invoiced_at,
        sum(quantity) as quantity
    from invoice_lines
    where not is_credit_note
    group by invoice_no, customer_id, article

),

candidates as (

    select
        sold.invoice_no,
        credited.amount,
        row_number() over (
            partition by credited.credit_line order by sold.invoiced_at desc, sold.invoice_no desc
        ) as candidate
    from credited
    inner join sold
        on
            credited.customer_id = sold.customer_id
            and credited.article = sold.article
            and credited.invoiced_at >= sold.invoiced_at
            and -credited.quantity <= sold.quantity

)

select
    invoice_no,
    -sum(amount) as refund_amount
from candidates
where candidate = 1
group by invoice_no
