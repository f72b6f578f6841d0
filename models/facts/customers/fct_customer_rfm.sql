{%- set as_of_date = '(select as_of_date from ' ~ ref('as_of_date') ~ ')' -%}

with customers as (

    select
        brand_id,
        customer_id,
        {{ dbt.datediff('last_order_date', as_of_date, 'day') }} as recency_days,
        {{ brand_value('churn.window_days') }} as window_days,
        lifetime_orders,
        lifetime_net_revenue
    from {{ ref('fct_customer_orders') }}

),

f_score_histogram as (

    select
        brand_id,
        lifetime_orders,
        count(*) as customers
    from customers
    group by brand_id, lifetime_orders

),

-- the rank of a value is one more than the customers with a lower one: a window over the values, not over the customers
f_score_values as (

    select
        brand_id,
        lifetime_orders,
        least(5, 1 + floor(
            cast(5 * (sum(customers) over up_to_here - customers) as {{ type_double() }})
            / cast(sum(customers) over (partition by brand_id) as {{ type_double() }})
        )) as f_score
    from f_score_histogram
    window up_to_here as (partition by brand_id order by lifetime_orders rows unbounded preceding)

),

m_score_histogram as (

    select
        brand_id,
        lifetime_net_revenue,
        count(*) as customers
    from customers
    group by brand_id, lifetime_net_revenue

),

m_score_values as (

    select
        brand_id,
        lifetime_net_revenue,
        least(5, 1 + floor(
            cast(5 * (sum(customers) over up_to_here - customers) as {{ type_double() }})
            / cast(sum(customers) over (partition by brand_id) as {{ type_double() }})
        )) as m_score
    from m_score_histogram
    window up_to_here as (partition by brand_id order by lifetime_net_revenue rows unbounded preceding)

),

scored as (

    select
        customers.brand_id,
        customers.customer_id,
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
        cast(f_score_values.f_score as bigint) as f_score,
        cast(m_score_values.m_score as bigint) as m_score
    from customers
    inner join f_score_values
        on
            customers.brand_id = f_score_values.brand_id
            and customers.lifetime_orders = f_score_values.lifetime_orders
    inner join m_score_values
        on
            customers.brand_id = m_score_values.brand_id
            and customers.lifetime_net_revenue = m_score_values.lifetime_net_revenue

),

segments as (

    select * from {{ ref('rfm_grid') }}

)

select
    scored.brand_id,
    scored.customer_id,
    scored.r_score,
    scored.f_score,
    scored.m_score,
    segments.segment as rfm_segment
from scored
left join segments
    on scored.r_score = segments.r_score and scored.f_score = segments.f_score
