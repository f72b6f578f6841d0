with subscriptions as (

    select
        stg_subscriptions.*,
        as_of_date.as_of_date,
        stg_subscriptions.ended_on is null as is_running,
        {{ dbt.datediff('started_on', 'coalesce(ended_on, as_of_date)', 'day') }} as days_run
    from {{ ref('stg_subscriptions') }} as stg_subscriptions
    cross join {{ ref('as_of_date') }} as as_of_date

)

select
    brand_id,
    customer_id,
    min(started_on) as first_started_on,
    count(*) as subscriptions_started,
    count(*) filter (where not is_running) as subscriptions_cancelled,
    count(*) filter (where is_running and subscription_kind = 'product') as active_product_subscriptions,
    count(*) filter (where is_running and subscription_kind = 'service') as active_service_subscriptions,
    cast(coalesce(sum(monthly_amount) filter (where is_running), 0) as decimal(38, 4)) as monthly_recurring_amount,
    -- it has run its renewal days, and was not ended before
    bool_or(days_run >= {{ brand_value('subscription_renewal_days') }}) as has_renewed
from subscriptions
group by brand_id, customer_id
