{%- set renewal_days = brand_value('subscription_renewal_days', 'fct_subscriptions.brand_id') -%}

with as_of_date as (

    select as_of_date from {{ ref('as_of_date') }}

),

subscriptions as (

    select
        fct_subscriptions.*,
        row_number() over (
            partition by fct_subscriptions.brand_id, fct_subscriptions.customer_id
            order by fct_subscriptions.started_on, {{ byte_order('fct_subscriptions.subscription_id') }}
        ) as subscription_number,
        {{ add_days('fct_subscriptions.started_on', renewal_days) }} as renews_on,
        coalesce(fct_subscriptions.ended_on, as_of_date.as_of_date) as ran_until
    from {{ ref('fct_subscriptions') }} as fct_subscriptions
    cross join as_of_date

)

select
    brand_id,
    customer_id,
    min(started_on) as first_started_on,
    min(started_on) filter (where subscription_number = 2) as second_started_on,
    -- the first day by which a subscription has run its renewal days; one that ended earlier never got there
    min(renews_on) filter (where renews_on <= ran_until) as renewed_on,
    count(*) as subscriptions_started,
    count(*) filter (where is_cancelled) as subscriptions_cancelled,
    count(*) filter (where is_running and subscription_kind = 'product') as active_product_subscriptions,
    count(*) filter (where is_running and subscription_kind = 'service') as active_service_subscriptions,
    cast(coalesce(sum(monthly_amount) filter (where is_running), 0) as decimal(38, 4)) as monthly_recurring_amount
from subscriptions
group by brand_id, customer_id
