-- One row per customer, from the latest export.
with customers as (

    select
        *,
        max(filename) over () as last_file
    from read_csv(
        '{{ var("export_folder") }}/customers_export*.csv',
        all_varchar = true, header = true, delim = ',', quote = '"', escape = '"',
        union_by_name = true, filename = true, parallel = false
    )

)

select
    ltrim("Customer ID", '''') as customer_id,
    lower(trim("Email")) as email,
    nullif(regexp_replace("Phone", '[^0-9+]', '', 'g'), '') as phone,
    "Accepts Email Marketing" as accepts_email_marketing
from customers
where filename = last_file
