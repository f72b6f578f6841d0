with orders as (

    select
        brand_id,
        order_date as calendar_date,
        sum(orders) as orders,
        sum(gross_amount) as gross_amount,
        sum(discount_amount) as discount_amount,
        sum(refund_amount) as refund_amount,
        sum(net_revenue) as net_revenue,
        sum(discounted_orders) as discounted_orders,
        sum(first_orders) as first_orders,
        sum(first_order_net_revenue) as first_order_net_revenue,
        sum(second_orders) as second_orders,
        sum(week_purchasers) as week_purchasers,
        sum(week_repeat_purchasers) as week_repeat_purchasers,
        sum(week_returning_purchasers) as week_returning_purchasers,
        sum(month_purchasers) as month_purchasers,
        sum(month_repeat_purchasers) as month_repeat_purchasers,
        sum(month_returning_purchasers) as month_returning_purchasers,
        sum(quarter_purchasers) as quarter_purchasers,
        sum(quarter_repeat_purchasers) as quarter_repeat_purchasers,
        sum(quarter_returning_purchasers) as quarter_returning_purchasers,
        sum(year_purchasers) as year_purchasers,
        sum(year_repeat_purchasers) as year_repeat_purchasers,
        sum(year_returning_purchasers) as year_returning_purchasers
    from {{ ref('fct_order_days') }}
    group by brand_id, order_date

),

spend as (

    select
        brand_id,
        spent_on as calendar_date,
        sum(amount) filter (where purpose = 'acquisition') as acquisition_spend,
        sum(amount) filter (where purpose = 'retention') as retention_spend
    from {{ ref('stg_marketing_spend') }}
    group by brand_id, spent_on

),

nps as (

    select
        brand_id,
        submitted_on as calendar_date,
        count(*) filter (where score >= 9) as promoters,
        count(*) filter (where score <= 6) as detractors,
        count(*) as nps_answers
    from {{ ref('stg_feedback') }}
    where feedback_kind = 'nps'
    group by brand_id, submitted_on

),

subscriptions as (

    select * from {{ ref('stg_subscriptions') }}
    where ended_on is null or started_on < ended_on

),

subscriptions_started as (

    select
        brand_id,
        started_on as calendar_date,
        sum(monthly_amount) as monthly_amount
    from subscriptions
    group by brand_id, started_on

),

subscriptions_ended as (

    select
        brand_id,
        ended_on as calendar_date,
        sum(monthly_amount) as monthly_amount
    from subscriptions
    where ended_on is not null
    group by brand_id, ended_on

),

-- only customers in the base can be active, so an active span counts where it overlaps a base span
active_spans as (

    select
        active.brand_id,
        greatest(active.span_start, base.span_start) as span_start,
        least(active.span_end, base.span_end) as span_end
    from {{ ref('fct_customer_spans') }} as active
    inner join {{ ref('fct_customer_spans') }} as base
        on
            active.brand_id = base.brand_id
            and active.customer_id = base.customer_id
            and (base.span_end is null or active.span_start < base.span_end)
            and (active.span_end is null or active.span_end > base.span_start)
    where active.span_kind = 'active' and base.span_kind = 'base'

),

became_active as (

    select
        brand_id,
        span_start as calendar_date,
        count(*) as customers
    from active_spans
    group by brand_id, span_start

),

became_inactive as (

    select
        brand_id,
        span_end as calendar_date,
        count(*) as customers
    from active_spans
    where span_end is not null
    group by brand_id, span_end

),

days as (

    select
        brand_id,
        calendar_date
    from orders

    union

    select
        brand_id,
        calendar_date
    from spend

    union

    select
        brand_id,
        calendar_date
    from nps

    union

    select
        brand_id,
        calendar_date
    from subscriptions_started

    union

    select
        brand_id,
        calendar_date
    from subscriptions_ended

    union

    select
        brand_id,
        calendar_date
    from became_active

    union

    select
        brand_id,
        calendar_date
    from became_inactive

)

select
    days.brand_id,
    days.calendar_date,
    cast(coalesce(orders.orders, 0) as bigint) as orders,
    cast(coalesce(orders.gross_amount, 0) as decimal(38, 4)) as gross_amount,
    cast(coalesce(orders.discount_amount, 0) as decimal(38, 4)) as discount_amount,
    cast(coalesce(orders.refund_amount, 0) as decimal(38, 4)) as refund_amount,
    cast(coalesce(orders.net_revenue, 0) as decimal(38, 4)) as net_revenue,
    cast(coalesce(orders.discounted_orders, 0) as bigint) as discounted_orders,
    cast(coalesce(orders.first_orders, 0) as bigint) as first_orders,
    cast(coalesce(orders.first_order_net_revenue, 0) as decimal(38, 4)) as first_order_net_revenue,
    cast(coalesce(orders.second_orders, 0) as bigint) as second_orders,
    cast(coalesce(orders.week_purchasers, 0) as bigint) as week_purchasers,
    cast(coalesce(orders.week_repeat_purchasers, 0) as bigint) as week_repeat_purchasers,
    cast(coalesce(orders.week_returning_purchasers, 0) as bigint) as week_returning_purchasers,
    cast(coalesce(orders.month_purchasers, 0) as bigint) as month_purchasers,
    cast(coalesce(orders.month_repeat_purchasers, 0) as bigint) as month_repeat_purchasers,
    cast(coalesce(orders.month_returning_purchasers, 0) as bigint) as month_returning_purchasers,
    cast(coalesce(orders.quarter_purchasers, 0) as bigint) as quarter_purchasers,
    cast(coalesce(orders.quarter_repeat_purchasers, 0) as bigint) as quarter_repeat_purchasers,
    cast(coalesce(orders.quarter_returning_purchasers, 0) as bigint) as quarter_returning_purchasers,
    cast(coalesce(orders.year_purchasers, 0) as bigint) as year_purchasers,
    cast(coalesce(orders.year_repeat_purchasers, 0) as bigint) as year_repeat_purchasers,
    cast(coalesce(orders.year_returning_purchasers, 0) as bigint) as year_returning_purchasers,
    cast(coalesce(spend.acquisition_spend, 0) as decimal(38, 4)) as acquisition_spend,
    cast(coalesce(spend.retention_spend, 0) as decimal(38, 4)) as retention_spend,
    cast(coalesce(nps.promoters, 0) as bigint) as promoters,
    cast(coalesce(nps.detractors, 0) as bigint) as detractors,
    cast(coalesce(nps.nps_answers, 0) as bigint) as nps_answers,
    cast(
        coalesce(subscriptions_started.monthly_amount, 0)
        - coalesce(subscriptions_ended.monthly_amount, 0) as decimal(38, 4)
    ) as monthly_recurring_change,
    cast(coalesce(became_active.customers, 0) - coalesce(became_inactive.customers, 0) as bigint) as active_change
from days
left join orders
    on days.brand_id = orders.brand_id and days.calendar_date = orders.calendar_date
left join spend
    on days.brand_id = spend.brand_id and days.calendar_date = spend.calendar_date
left join nps
    on days.brand_id = nps.brand_id and days.calendar_date = nps.calendar_date
left join subscriptions_started
    on days.brand_id = subscriptions_started.brand_id and days.calendar_date = subscriptions_started.calendar_date
left join subscriptions_ended
    on days.brand_id = subscriptions_ended.brand_id and days.calendar_date = subscriptions_ended.calendar_date
left join became_active
    on days.brand_id = became_active.brand_id and days.calendar_date = became_active.calendar_date
left join became_inactive
    on days.brand_id = became_inactive.brand_id and days.calendar_date = became_inactive.calendar_date
where days.calendar_date <= (select as_of_date from {{ ref('as_of_date') }})
