{{ config(materialized='view') }}

{#- read once, on the way to customers: joining the scores there took longer, and more memory, than working them out -#}

{%- set as_of_date = '(select as_of_date from ' ~ ref('as_of_date') ~ ' as reporting_day)' -%}

with customers as (

    select
        *,
        {{ dbt.datediff('last_order_date', as_of_date, 'day') }} as recency_days,
        {{ brand_value('churn.window_days') }} as window_days
    from {{ ref('fct_customer_orders') }}

),

-- a score rises with each fifth of the brand's customers that has less, so four values of the brand decide it
cuts as (

    select
        brand_id,
        {{ percentile_disc('lifetime_orders', 0.2) }} as orders_of_one_fifth,
        {{ percentile_disc('lifetime_orders', 0.4) }} as orders_of_two_fifths,
        {{ percentile_disc('lifetime_orders', 0.6) }} as orders_of_three_fifths,
        {{ percentile_disc('lifetime_orders', 0.8) }} as orders_of_four_fifths,
        {{ percentile_disc('lifetime_net_revenue', 0.2) }} as revenue_of_one_fifth,
        {{ percentile_disc('lifetime_net_revenue', 0.4) }} as revenue_of_two_fifths,
        {{ percentile_disc('lifetime_net_revenue', 0.6) }} as revenue_of_three_fifths,
        {{ percentile_disc('lifetime_net_revenue', 0.8) }} as revenue_of_four_fifths
    from {{ ref('fct_customer_orders') }}
    group by brand_id

),

scored as (

    select
        customers.*,
        -- silence is measured against the brand's own window, not against other customers
        cast(case
            when
                customers.recency_days
                <= {{ brand_value('rfm.recency_shares.0', 'customers.brand_id') }} * customers.window_days
                then 5
            when
                customers.recency_days
                <= {{ brand_value('rfm.recency_shares.1', 'customers.brand_id') }} * customers.window_days
                then 4
            when
                customers.recency_days
                <= {{ brand_value('rfm.recency_shares.2', 'customers.brand_id') }} * customers.window_days
                then 3
            when customers.recency_days < customers.window_days then 2
            else 1
        end as bigint) as r_score,
        cast(case
            when customers.lifetime_orders > cuts.orders_of_four_fifths then 5
            when customers.lifetime_orders > cuts.orders_of_three_fifths then 4
            when customers.lifetime_orders > cuts.orders_of_two_fifths then 3
            when customers.lifetime_orders > cuts.orders_of_one_fifth then 2
            else 1
        end as bigint) as f_score,
        cast(case
            when customers.lifetime_net_revenue > cuts.revenue_of_four_fifths then 5
            when customers.lifetime_net_revenue > cuts.revenue_of_three_fifths then 4
            when customers.lifetime_net_revenue > cuts.revenue_of_two_fifths then 3
            when customers.lifetime_net_revenue > cuts.revenue_of_one_fifth then 2
            else 1
        end as bigint) as m_score
    from customers
    inner join cuts
        on customers.brand_id = cuts.brand_id

),

segments as (

    select * from {{ ref('rfm_grid') }}

)

select
    scored.brand_id,
    scored.customer_id,
    scored.first_order_date,
    scored.last_order_date,
    scored.lifetime_orders,
    scored.lifetime_net_revenue,
    scored.orders_30d,
    scored.orders_90d,
    scored.orders_365d,
    scored.net_revenue_365d,
    scored.orders_30d_at_last_order,
    scored.orders_90d_at_last_order,
    scored.orders_365d_at_last_order,
    scored.net_revenue_365d_at_last_order,
    scored.discounted_orders,
    scored.distinct_order_days,
    scored.days_to_second_order,
    scored.median_days_between_orders,
    scored.r_score,
    scored.f_score,
    scored.m_score,
    segments.segment as rfm_segment
from scored
left join segments
    on scored.r_score = segments.r_score and scored.f_score = segments.f_score
