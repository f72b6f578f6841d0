{%- set renewal_days = brand_value('subscription_renewal_days', 'stg_subscriptions.brand_id') -%}

with as_of_date as (

    select as_of_date from {{ ref('as_of_date') }}

),

subscriptions as (

    select
        stg_subscriptions.*,
        stg_subscriptions.ended_on is null as is_running,
        row_number() over (
            partition by stg_subscriptions.brand_id, stg_subscriptions.customer_id
            order by stg_subscriptions.started_on, {{ byte_order('stg_subscriptions.subscription_id') }}
        ) as subscription_number,
        {{ add_days('stg_subscriptions.started_on', renewal_days) }} as renews_on,
        coalesce(stg_subscriptions.ended_on, as_of_date.as_of_date) as ran_until
    from {{ ref('stg_subscriptions') }} as stg_subscriptions
    cross join as_of_date

)

select
    brand_id,
    customer_id,
    min(started_on) as first_started_on,
    min(started_on) filter (where subscription_number = 2) as second_started_on,
    -- the first day by which one has run its renewal days; whoever ended before never got there
    min(renews_on) filter (where renews_on <= ran_until) as renewed_on,
    count(*) as subscriptions_started,
    count(*) filter (where not is_running) as subscriptions_cancelled,
    count(*) filter (where is_running and subscription_kind = 'product') as active_product_subscriptions,
    count(*) filter (where is_running and subscription_kind = 'service') as active_service_subscriptions,
    cast(coalesce(sum(monthly_amount) filter (where is_running), 0) as decimal(38, 4)) as monthly_recurring_amount
from subscriptions
group by brand_id, customer_id
