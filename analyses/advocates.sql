-- Question: Who are the advocates, and what do they bring?
-- Reading: revenue from referred customers beside their own. Contact first those with a high total who are no longer in
-- advocacy.
with advocates as (

    select * from {{ ref('advocate_value') }}
    where converted_referrals > 0

),

totals as (

    select
        brand_id,
        sum(referred_net_revenue) as referred_net_revenue
    from advocates
    group by brand_id

),

customers as (

    select * from {{ ref('customers') }}

)

select
    advocates.brand_id,
    advocates.customer_id,
    customers.lifecycle_stage,
    customers.loyalty_class,
    customers.is_contactable,
    advocates.converted_referrals,
    advocates.referred_net_revenue,
    advocates.own_net_revenue,
    advocates.referred_net_revenue + advocates.own_net_revenue as total_net_revenue,
    {{ ratio('advocates.referred_net_revenue', 'totals.referred_net_revenue') }} as share_of_referred_revenue
from advocates
inner join totals
    on advocates.brand_id = totals.brand_id
inner join customers
    on
        advocates.brand_id = customers.brand_id
        and advocates.customer_id = customers.customer_id
order by advocates.brand_id asc, advocates.referred_net_revenue desc, advocates.customer_id asc
