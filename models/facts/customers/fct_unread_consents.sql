-- customers of whom a row that may refuse consent could not be accepted: until it is, they are not contacted
with as_of_date as (

    select as_of_date from {{ ref('as_of_date') }} as reporting_day

),

brands as (

    select distinct brand_id from {{ ref('brand_settings') }}

),

accepted as (

    select * from {{ ref('stg_customers') }}

),

malformed_lines as (

    select {{ json_text_value('raw_row', 'line') }} as line
    from {{ ref('rejected_rows') }}
    where source_table = 'customers' and reason = 'malformed_row'

),

-- in a line that cannot be split into columns, any part may be the id: the text between separators or quotes, and the
-- text between quotes only, separators included
parts as (

    {{ text_parts('malformed_lines', 'line', '[,;|"]|' ~ '%c' | format(9), 'part') }}

    union all

    {{ text_parts('malformed_lines', 'line', '"', 'part') }}

),

unread as (

    select
        checked.brand_id,
        checked.customer_id,
        checked.updated_at,
        checked.rejection_reason is not null as is_rejected
    from {{ ref('base_customers_checked') }} as checked
    cross join as_of_date
    where
        checked.brand_id is not null
        and checked.customer_id is not null
        and (checked.rejection_reason is not null or checked.signed_up_on > as_of_date.as_of_date)

    union all

    select
        brand_id,
        customer_id,
        updated_at,
        true as is_rejected
    from {{ ref('base_customers_of_no_brand_checked') }}
    where customer_id is not null

    union all

    select distinct
        cast(null as {{ dbt.type_string() }}) as brand_id,
        {{ clean_text('part') }} as customer_id,
        cast(null as timestamp) as updated_at,
        true as is_rejected
    from parts

),

-- a row that names no brand may belong to any
concerned as (

    select
        brands.brand_id,
        unread.customer_id,
        unread.updated_at,
        unread.is_rejected
    from unread
    inner join brands
        on unread.brand_id is null or unread.brand_id = brands.brand_id

)

-- An accepted row decides if it is known to be the later one; a row dated after the day is the later one if there is no
-- accepted row beside it, otherwise a superseded version.
select distinct
    concerned.brand_id,
    concerned.customer_id
from concerned
left join accepted
    on
        concerned.brand_id = accepted.brand_id
        and concerned.customer_id = accepted.customer_id
where
    concerned.customer_id is not null
    and (
        accepted.customer_id is null
        or (concerned.is_rejected and coalesce(concerned.updated_at >= accepted.updated_at, true))
    )
