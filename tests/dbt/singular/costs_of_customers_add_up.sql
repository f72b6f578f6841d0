-- Identity: what customers cost to keep adds up to the brand's retention spend on days with anybody in the base, and
-- what they cost to win to the acquisition spend of the months and channels with an acquisition.
-- Rows: brands for which this differs by more than a billionth.
with spans as (

    select * from {{ ref('fct_customer_spans') }}
    where span_kind = 'base'

),

spend_days as (

    select
        brand_id,
        spent_on,
        sum(amount) as amount
    from {{ ref('stg_marketing_spend') }}
    where purpose = 'retention'
    group by brand_id, spent_on

),

-- a day without anybody keeps its spend
retention as (

    select
        brand_id,
        sum(amount) as amount
    from spend_days
    where
        exists (
            select 1 from spans
            where
                spans.brand_id = spend_days.brand_id
                and spans.span_start <= spend_days.spent_on
                and (spans.span_end is null or spans.span_end > spend_days.spent_on)
        )
    group by brand_id

),

acquisition as (

    select
        brand_id,
        sum(acquisition_spend) as amount
    from {{ ref('acquisition_channels') }}
    where acquired_customers > 0
    group by brand_id

),

customers as (

    select
        brand_id,
        sum(acquisition_cost) as acquisition_cost,
        sum(retention_cost) as retention_cost
    from {{ ref('customers') }}
    group by brand_id

)

select
    customers.brand_id,
    customers.acquisition_cost,
    acquisition.amount as acquisition_spend,
    customers.retention_cost,
    retention.amount as retention_spend
from customers
left join acquisition
    on customers.brand_id = acquisition.brand_id
left join retention
    on customers.brand_id = retention.brand_id
where
    customers.retention_cost is not null
    and (
        abs(customers.retention_cost - coalesce(retention.amount, 0)) > 1e-9 * coalesce(retention.amount, 0)
        or abs(customers.acquisition_cost - coalesce(acquisition.amount, 0)) > 1e-9 * coalesce(acquisition.amount, 0)
    )
