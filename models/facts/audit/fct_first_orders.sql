{{ config(materialized=costly_view()) }}

{%- set as_of_date = '(select as_of_date from ' ~ ref('as_of_date') ~ ' as reporting_day)' -%}

-- the first year of customers whose first 180 days are over
with purchases as (

    select
        *,
        {{ dbt.datediff('first_order_date', 'order_date', 'day') }} as days_since_first_order
    from {{ ref('fct_orders') }}
    where
        is_purchase
        and first_order_date <= {{ add_days(as_of_date, -179) }}
        and order_date < {{ add_days('first_order_date', 365) }}

),

customers as (

    select
        brand_id,
        customer_id,
        min(first_order_date) as first_order_date,
        min(first_order_channel) as sales_channel,
        count(case when order_sequence = 1 and is_discounted then 1 end) = 1 as is_discounted,
        sum(case when order_sequence = 1 then net_revenue end) as net_revenue,
        coalesce(sum(case when order_sequence > 1 and days_since_first_order < 180 then net_revenue end), 0)
            as later_net_revenue_180d,
        coalesce(sum(case when order_sequence > 1 then net_revenue end), 0) as later_net_revenue_365d,
        count(case when days_since_first_order between 1 and 179 then 1 end) > 0 as ordered_again_180d,
        count(case when days_since_first_order > 0 then 1 end) > 0 as ordered_again_365d
    from purchases
    group by brand_id, customer_id

),

described as (

    select
        customers.*,
        stg_customers.acquisition_channel,
        referrals.referred_customer_id is not null as is_referred,
        coalesce(
            {{ least('stg_customers.membership_joined_on', 'interactions.membership_join_date') }}
            <= customers.first_order_date,
            false
        ) as is_member,
        customers.first_order_date <= {{ add_days(as_of_date, -364) }} as has_whole_year
    from customers
    left join {{ ref('stg_customers') }} as stg_customers
        on customers.brand_id = stg_customers.brand_id and customers.customer_id = stg_customers.customer_id
    left join {{ ref('fct_customer_interactions') }} as interactions
        on customers.brand_id = interactions.brand_id and customers.customer_id = interactions.customer_id
    left join {{ ref('fct_referrals') }} as referrals
        on customers.brand_id = referrals.brand_id and customers.customer_id = referrals.referred_customer_id

)

select
    brand_id,
    customer_id,
    first_order_date,
    sales_channel,
    acquisition_channel,
    is_discounted,
    is_referred,
    is_member,
    cast(net_revenue as decimal(18, 4)) as net_revenue,
    cast(later_net_revenue_180d as {{ type_decimal(38, 4) }}) as later_net_revenue_180d,
    cast(case when has_whole_year then later_net_revenue_365d end as {{ type_decimal(38, 4) }})
        as later_net_revenue_365d,
    ordered_again_180d,
    case when has_whole_year then ordered_again_365d end as ordered_again_365d
from described
