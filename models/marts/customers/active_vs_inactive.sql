with customers as (

    select
        *,
        case
            when relationship_status = 'active' then 'active'
            when relationship_status in ('dormant', 'churned') then 'inactive'
        end as segment
    from {{ ref('customers') }}

),

segments as (

    select
        brand_id,
        'active' as segment
    from {{ ref('int_brands') }}

    union all

    select
        brand_id,
        'inactive' as segment
    from {{ ref('int_brands') }}

),

totals as (

    select
        brand_id,
        sum(net_revenue_365d) as net_revenue_365d
    from customers
    group by brand_id

),

measured as (

    select
        brand_id,
        segment,
        count(*) as customers,
        sum(interactions_90d) as interactions_90d,
        avg(engagement_score) as average_engagement_score,
        count(case when is_member then 1 end) as members,
        sum(net_revenue_365d) as net_revenue_365d,
        sum(orders_365d) as orders_365d,
        sum(historical_clv) as historical_clv,
        avg(predicted_clv_365d) as average_predicted_clv_365d,
        sum(tenure_days) as tenure_days,
        sum(support_contacts_365d + contacts_365d) as support_and_contacts_365d,
        avg(average_feedback_score) as average_feedback_score
    from customers
    group by brand_id, segment

)

select
    segments.brand_id,
    segments.segment,
    coalesce(measured.customers, 0) as customers,
    {{ ratio('measured.interactions_90d', 'measured.customers') }} as interactions_per_customer,
    measured.average_engagement_score,
    {{ ratio('measured.members', 'measured.customers') }} as membership_share,
    cast(coalesce(measured.net_revenue_365d, 0) as {{ type_decimal(38, 4) }}) as net_revenue_365d,
    {{ ratio('coalesce(measured.net_revenue_365d, 0)', 'totals.net_revenue_365d') }} as revenue_share_365d,
    {{ ratio('measured.orders_365d', 'measured.customers') }} as orders_per_customer_365d,
    {{ ratio('measured.historical_clv', 'measured.customers') }} as average_historical_clv,
    measured.average_predicted_clv_365d,
    {{ ratio('measured.tenure_days', 'measured.customers') }} as average_tenure_days,
    {{ ratio('measured.support_and_contacts_365d', 'measured.customers') }} as contacts_per_customer,
    measured.average_feedback_score
from segments
inner join totals
    on segments.brand_id = totals.brand_id
left join measured
    on
        segments.brand_id = measured.brand_id
        and segments.segment = measured.segment
