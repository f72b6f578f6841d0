-- Identity: exactly the customers who referred another are in advocate_value, with their figures from customers. A
-- customer is referred by at most one other, so referred revenue adds up to that of all referred customers.
-- Rows: customers for whom they differ, and brands (without a customer) whose referred revenue does.
with referred as (

    select
        referrals.brand_id,
        sum(customers.lifetime_net_revenue) as net_revenue
    from {{ ref('fct_referrals') }} as referrals
    inner join {{ ref('customers') }} as customers
        on
            referrals.brand_id = customers.brand_id
            and referrals.referred_customer_id = customers.customer_id
    group by referrals.brand_id

),

advocates as (

    select
        brand_id,
        sum(referred_net_revenue) as net_revenue
    from {{ ref('advocate_value') }}
    group by brand_id

)

select
    brand_id,
    customer_id,
    advocate_value.referrals as value,
    customers.referrals as expected_value
from {{ ref('customers') }} as customers
full outer join {{ ref('advocate_value') }} as advocate_value
    using (brand_id, customer_id)
where
    coalesce(advocate_value.referrals, 0) <> coalesce(customers.referrals, 0)
    or coalesce(advocate_value.converted_referrals, 0) <> coalesce(customers.converted_referrals, 0)
    or advocate_value.own_net_revenue <> customers.lifetime_net_revenue
    or advocate_value.referrals = 0

union all

select
    brand_id,
    null as customer_id,
    advocates.net_revenue as value,
    referred.net_revenue as expected_value
from referred
full outer join advocates
    using (brand_id)
where coalesce(advocates.net_revenue, 0) <> coalesce(referred.net_revenue, 0)
