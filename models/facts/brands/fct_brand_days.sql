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
        sum(coupon_orders) as coupon_orders,
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
        sum(case when purpose = 'acquisition' then amount end) as acquisition_spend,
        sum(case when purpose = 'retention' then amount end) as retention_spend
    from {{ ref('stg_marketing_spend') }}
    group by brand_id, spent_on

),

nps as (

    select
        brand_id,
        submitted_on as calendar_date,
        count(case when score >= 9 then 1 end) as promoters,
        count(case when score <= 6 then 1 end) as detractors,
        count(*) as nps_answers
    from {{ ref('stg_feedback') }}
    where feedback_kind = 'nps'
    group by brand_id, submitted_on

),

-- one that ends on the day of its start never runs
subscriptions as (

    select
        *,
        ended_on is null or started_on < ended_on as has_run
    from {{ ref('fct_subscriptions') }}

),

subscriptions_started as (

    select
        brand_id,
        started_on as calendar_date,
        count(*) as subscriptions,
        count(case when has_run then 1 end) as running,
        sum(case when has_run then monthly_amount end) as monthly_amount
    from subscriptions
    group by brand_id, started_on

),

subscriptions_ended as (

    select
        brand_id,
        ended_on as calendar_date,
        count(case when is_cancelled then 1 end) as cancelled,
        count(case when is_cancelled and started_on < {{ period_start('week', 'ended_on') }} then 1 end)
            as week_opening_cancellations,
        count(case when is_cancelled and started_on < {{ period_start('month', 'ended_on') }} then 1 end)
            as month_opening_cancellations,
        count(case when is_cancelled and started_on < {{ period_start('quarter', 'ended_on') }} then 1 end)
            as quarter_opening_cancellations,
        count(case when is_cancelled and started_on < {{ period_start('year', 'ended_on') }} then 1 end)
            as year_opening_cancellations,
        count(case when has_run then 1 end) as running,
        sum(case when has_run then monthly_amount end) as monthly_amount
    from subscriptions
    where ended_on is not null
    group by brand_id, ended_on

),

memberships as (

    select
        brand_id,
        customer_id,
        membership_joined_on as joined_on
    from {{ ref('stg_customers') }}
    where membership_joined_on is not null

    union all

    select
        brand_id,
        customer_id,
        membership_join_date as joined_on
    from {{ ref('fct_customer_interactions') }}
    where membership_join_date is not null

),

members as (

    select
        memberships.brand_id,
        memberships.customer_id,
        min(memberships.joined_on) as joined_on
    from memberships
    inner join {{ ref('fct_known_customers') }} as known_customers
        on
            memberships.brand_id = known_customers.brand_id
            and memberships.customer_id = known_customers.customer_id
    group by memberships.brand_id, memberships.customer_id

),

new_members as (

    select
        brand_id,
        joined_on as calendar_date,
        count(*) as customers
    from members
    group by brand_id, joined_on

),

-- only customers in the base can be active, so an active span counts where it overlaps a base span
active_spans as (

    select
        active.brand_id,
        {{ greatest('active.span_start', 'base.span_start') }} as span_start,
        {{ least('active.span_end', 'base.span_end') }} as span_end
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

    {{ union_distinct() }}

    select
        brand_id,
        calendar_date
    from spend

    {{ union_distinct() }}

    select
        brand_id,
        calendar_date
    from nps

    {{ union_distinct() }}

    select
        brand_id,
        calendar_date
    from subscriptions_started

    {{ union_distinct() }}

    select
        brand_id,
        calendar_date
    from subscriptions_ended

    {{ union_distinct() }}

    select
        brand_id,
        calendar_date
    from new_members

    {{ union_distinct() }}

    select
        brand_id,
        calendar_date
    from became_active

    {{ union_distinct() }}

    select
        brand_id,
        calendar_date
    from became_inactive

)

select
    days.brand_id,
    days.calendar_date,
    cast(coalesce(orders.orders, 0) as bigint) as orders,
    cast(coalesce(orders.gross_amount, 0) as {{ type_decimal(38, 4) }}) as gross_amount,
    cast(coalesce(orders.discount_amount, 0) as {{ type_decimal(38, 4) }}) as discount_amount,
    cast(coalesce(orders.refund_amount, 0) as {{ type_decimal(38, 4) }}) as refund_amount,
    cast(coalesce(orders.net_revenue, 0) as {{ type_decimal(38, 4) }}) as net_revenue,
    cast(coalesce(orders.discounted_orders, 0) as bigint) as discounted_orders,
    cast(coalesce(orders.coupon_orders, 0) as bigint) as coupon_orders,
    cast(coalesce(orders.first_orders, 0) as bigint) as first_orders,
    cast(coalesce(orders.first_order_net_revenue, 0) as {{ type_decimal(38, 4) }}) as first_order_net_revenue,
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
    cast(coalesce(spend.acquisition_spend, 0) as {{ type_decimal(38, 4) }}) as acquisition_spend,
    cast(coalesce(spend.retention_spend, 0) as {{ type_decimal(38, 4) }}) as retention_spend,
    cast(coalesce(nps.promoters, 0) as bigint) as promoters,
    cast(coalesce(nps.detractors, 0) as bigint) as detractors,
    cast(coalesce(nps.nps_answers, 0) as bigint) as nps_answers,
    cast(coalesce(subscriptions_started.subscriptions, 0) as bigint) as subscriptions_started,
    cast(coalesce(subscriptions_ended.cancelled, 0) as bigint) as subscriptions_cancelled,
    cast(coalesce(subscriptions_ended.week_opening_cancellations, 0) as bigint) as week_opening_cancellations,
    cast(coalesce(subscriptions_ended.month_opening_cancellations, 0) as bigint) as month_opening_cancellations,
    cast(coalesce(subscriptions_ended.quarter_opening_cancellations, 0) as bigint) as quarter_opening_cancellations,
    cast(coalesce(subscriptions_ended.year_opening_cancellations, 0) as bigint) as year_opening_cancellations,
    cast(
        coalesce(subscriptions_started.running, 0) - coalesce(subscriptions_ended.running, 0) as bigint
    ) as subscription_change,
    cast(
        coalesce(subscriptions_started.monthly_amount, 0)
        - coalesce(subscriptions_ended.monthly_amount, 0) as {{ type_decimal(38, 4) }}
    ) as monthly_recurring_change,
    cast(coalesce(new_members.customers, 0) as bigint) as new_members,
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
left join new_members
    on days.brand_id = new_members.brand_id and days.calendar_date = new_members.calendar_date
left join became_active
    on days.brand_id = became_active.brand_id and days.calendar_date = became_active.calendar_date
left join became_inactive
    on days.brand_id = became_inactive.brand_id and days.calendar_date = became_inactive.calendar_date
-- spans end, and memberships may begin, after as_of_date
where days.calendar_date <= (select as_of_date from {{ ref('as_of_date') }} as reporting_day)
