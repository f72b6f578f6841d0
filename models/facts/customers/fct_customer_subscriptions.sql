{%- set renewal_days = brand_value('subscription_renewal_days', 'fct_subscriptions.brand_id') -%}

with as_of_date as (

    select as_of_date from {{ ref('as_of_date') }} as reporting_day

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
    min(case when subscription_number = 2 then started_on end) as second_started_on,
    -- the first day by which a subscription has run its renewal days; one that ended earlier never got there
    min(case when renews_on <= ran_until then renews_on end) as renewed_on,
    count(*) as subscriptions_started,
    count(case when is_cancelled then 1 end) as subscriptions_cancelled,
    count(case when is_running and subscription_kind = 'product' then 1 end) as active_product_subscriptions,
    count(case when is_running and subscription_kind = 'service' then 1 end) as active_service_subscriptions,
    cast(coalesce(sum(case when is_running then monthly_amount end), 0) as {{ type_decimal(38, 4) }})
        as monthly_recurring_amount
from subscriptions
group by brand_id, customer_id
