with customers as (

    select * from {{ ref('customers') }}

),

referred as (

    select
        fct_referrals.brand_id,
        fct_referrals.referring_customer_id,
        count(*) as referrals,
        count(fct_referrals.converted_on) as converted_referrals,
        sum(customers.lifetime_net_revenue) as net_revenue,
        sum(customers.predicted_clv_365d) as predicted_clv_365d
    from {{ ref('fct_referrals') }} as fct_referrals
    inner join customers
        on
            fct_referrals.brand_id = customers.brand_id
            and fct_referrals.referred_customer_id = customers.customer_id
    group by fct_referrals.brand_id, fct_referrals.referring_customer_id

)

select
    customers.brand_id,
    customers.customer_id,
    referred.referrals,
    referred.converted_referrals,
    cast(referred.net_revenue as {{ type_decimal(38, 4) }}) as referred_net_revenue,
    referred.predicted_clv_365d as referred_predicted_clv_365d,
    customers.lifetime_net_revenue as own_net_revenue
from referred
inner join customers
    on
        referred.brand_id = customers.brand_id
        and referred.referring_customer_id = customers.customer_id
