-- Question: What would another active window change?
-- Reading: a longer window calls more customers active who have left (of_them_bought_since falls); a shorter one calls
-- more inactive who have not (of_these_bought_since rises). Signals and base are those of the brand's settings.
with as_of_date as (

    select
        as_of_date,
        {{ add_days('as_of_date', -90) }} as earlier_date
    from {{ ref('as_of_date') }} as reporting_day

),

customers as (

    select * from {{ ref('customers') }}
    where acquisition_date is not null

),

signals as (

    select
        brand_id,
        customer_id,
        order_date as signal_date
    from {{ ref('fct_orders') }}
    where is_purchase and {{ is_on_brand_list('active.signals', "'order'") }}

    union all

    select
        brand_id,
        customer_id,
        interaction_date
    from {{ ref('stg_interactions') }}
    where {{ is_on_brand_list('active.signals', 'interaction_group') }}

),

last_signals as (

    select
        signals.brand_id,
        signals.customer_id,
        max(signals.signal_date) as last_signal,
        max(case when signals.signal_date <= as_of_date.earlier_date then signals.signal_date end) as earlier_signal
    from signals
    cross join as_of_date
    group by signals.brand_id, signals.customer_id

),

running as (

    select
        subscriptions.brand_id,
        subscriptions.customer_id,
        count(case when subscriptions.ended_on is null then 1 end) as subscriptions_now,
        count(case
            when
                subscriptions.started_on <= as_of_date.earlier_date
                and (subscriptions.ended_on is null or subscriptions.ended_on > as_of_date.earlier_date)
                then 1
        end) as subscriptions_earlier
    from {{ ref('stg_subscriptions') }} as subscriptions
    cross join as_of_date
    where {{ is_on_brand_list('active.signals', "'subscription'", 'subscriptions.brand_id') }}
    group by subscriptions.brand_id, subscriptions.customer_id

),

windows as (

    {% for days in [30, 60, 90, 180] -%}
    select
        brand_id,
        {{ days }} as window_days
    from {{ ref('int_brands') }}

    {{ union_distinct() }}

    {% endfor -%}
    select
        brand_id,
        {{ brand_value('active.window_days') }} as window_days
    from {{ ref('int_brands') }}

),

judged as (

    select
        customers.brand_id,
        windows.window_days,
        customers.net_revenue_365d,
        customers.relationship_status in ('active', 'dormant') as is_in_base,
        customers.first_order_date <= as_of_date.earlier_date as was_buyer,
        coalesce(customers.last_order_date > as_of_date.earlier_date, false) as has_bought_since,
        coalesce(running.subscriptions_now, 0) > 0
        or coalesce(
            last_signals.last_signal > {{ add_days('as_of_date.as_of_date', '-windows.window_days') }}, false
        ) as is_active_now,
        coalesce(running.subscriptions_earlier, 0) > 0
        or coalesce(
            last_signals.earlier_signal > {{ add_days('as_of_date.earlier_date', '-windows.window_days') }}, false
        ) as was_active
    from customers
    inner join windows
        on customers.brand_id = windows.brand_id
    cross join as_of_date
    left join last_signals
        on
            customers.brand_id = last_signals.brand_id
            and customers.customer_id = last_signals.customer_id
    left join running
        on
            customers.brand_id = running.brand_id
            and customers.customer_id = running.customer_id

),

counted as (

    select
        brand_id,
        window_days,
        count(case when is_in_base then 1 end) as customers_in_base,
        count(case when is_in_base and is_active_now then 1 end) as active_customers,
        sum(case when is_in_base and is_active_now then net_revenue_365d end) as active_net_revenue_365d,
        sum(net_revenue_365d) as net_revenue_365d,
        count(case when was_buyer and was_active then 1 end) as earlier_active,
        count(case when was_buyer and was_active and has_bought_since then 1 end) as active_who_bought,
        count(case when was_buyer and not was_active then 1 end) as earlier_inactive,
        count(case when was_buyer and not was_active and has_bought_since then 1 end) as inactive_who_bought
    from judged
    group by brand_id, window_days

)

select
    brand_id,
    window_days,
    window_days = {{ brand_value('active.window_days') }} as is_own_window,
    active_customers,
    {{ ratio('active_customers', 'customers_in_base') }} as share_of_base,
    {{ ratio('active_net_revenue_365d', 'net_revenue_365d') }} as share_of_revenue_365d,
    earlier_active as active_90_days_ago,
    {{ ratio('active_who_bought', 'earlier_active') }} as of_them_bought_since,
    earlier_inactive as inactive_90_days_ago,
    {{ ratio('inactive_who_bought', 'earlier_inactive') }} as of_these_bought_since
from counted
order by brand_id, window_days
