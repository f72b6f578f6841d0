-- Identity: the periods of each grain have all subscriptions of the customers, started and cancelled, and at most all
-- members (some join before the first period); shares and rates lie from 0 to 1.
-- Rows: brands and grains that break one of these.
with customers as (

    select
        brand_id,
        sum(subscriptions_started) as subscriptions_started,
        sum(subscriptions_cancelled) as subscriptions_cancelled,
        count(case when is_member then 1 end) as members
    from {{ ref('customers') }}
    group by brand_id

),

periods as (

    select
        brand_id,
        period_grain,
        sum(subscriptions_started) as subscriptions_started,
        sum(subscriptions_cancelled) as subscriptions_cancelled,
        sum(new_members) as new_members,
        max(subscription_cancellation_rate) as highest_cancellation_rate,
        max(coupon_order_share - discounted_order_share) as coupons_without_discount
    from {{ ref('brand_metrics') }}
    group by brand_id, period_grain

)

select
    periods.brand_id,
    periods.period_grain
from periods
left join customers
    on periods.brand_id = customers.brand_id
where
    periods.subscriptions_started <> coalesce(customers.subscriptions_started, 0)
    or periods.subscriptions_cancelled <> coalesce(customers.subscriptions_cancelled, 0)
    or periods.new_members > coalesce(customers.members, 0)
    or periods.highest_cancellation_rate > 1
    or periods.coupons_without_discount > 0
