-- where signals other than orders keep customers in the base, orders alone cannot judge the window
with subscribed as (

    select distinct brand_id
    from {{ ref('fct_subscriptions') }}

),

judged_by_orders as (

    select brand_settings.brand_id
    from {{ ref('brand_settings') }} as brand_settings
    left join subscribed
        on brand_settings.brand_id = subscribed.brand_id
    where
        brand_settings.setting = 'churn.signals'
        and (
            brand_settings.value = 'order'
            -- the default setting, of a brand without subscriptions
            or (brand_settings.value in ('order, subscription', 'subscription, order') and subscribed.brand_id is null)
        )

),

summaries as (

    select
        *,
        coalesce(
            2 * churn_window_days < advised_churn_window_days or churn_window_days > 2 * advised_churn_window_days,
            false
        ) as is_far_from_advice
    from {{ ref('order_ladder_summary') }}
    where from_order = 'all'

)

select
    summaries.brand_id,
    brands.first_order_date,
    summaries.churn_window_days,
    summaries.advised_churn_window_days,
    summaries.churns_followed,
    summaries.false_churn_share,
    summaries.is_far_from_advice
from summaries
inner join judged_by_orders
    on summaries.brand_id = judged_by_orders.brand_id
inner join {{ ref('int_brands') }} as brands
    on summaries.brand_id = brands.brand_id
where
    summaries.is_far_from_advice
    or (summaries.churns_followed >= 30 and summaries.false_churn_share > 0.5)
