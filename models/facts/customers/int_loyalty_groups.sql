{%- set kind = 'partition by loyalty_groups.brand_id, loyalty_groups.group_kind' -%}

with customers as (

    select * from {{ ref('customers') }}

),

-- every customer counts twice: in a class and in a tier
members as (

    select
        *,
        'class' as group_kind,
        loyalty_class as group_name
    from customers

    union all

    select
        *,
        'tier' as group_kind,
        coalesce(loyalty_tier, 'none') as group_name
    from customers

),

measured as (

    select
        brand_id,
        group_kind,
        group_name,
        count(*) as customers,
        count(case when relationship_status in ('active', 'dormant') then 1 end) as customers_in_base,
        sum(lifetime_orders) as orders,
        sum(lifetime_net_revenue) as net_revenue,
        sum(discounted_orders) as discounted_orders,
        avg(engagement_score) as average_engagement_score,
        avg(average_feedback_score) as average_feedback_score,
        {{ ratio("count(case when churn_risk = 'high' then 1 end)", 'count(churn_risk)') }} as high_risk_share,
        avg(p_alive) as average_p_alive,
        avg(p_order_90d) as average_p_order_90d
    from members
    group by brand_id, group_kind, group_name

),

brands as (

    select brand_id from {{ ref('int_brands') }}
    where customers > 0

),

classes as (

    select 'loyal' as loyalty_class
    union all
    select 'repeat'
    union all
    select 'one_time'
    union all
    select 'none'

),

-- classes and tiers without a customer have their row too
loyalty_groups as (

    select
        brands.brand_id,
        'class' as group_kind,
        classes.loyalty_class as group_name
    from brands
    cross join classes

    union all

    select
        brands.brand_id,
        'tier',
        substr(brand_settings.setting, length('tiers.') + 1)
    from brands
    inner join {{ ref('brand_settings') }} as brand_settings
        on brands.brand_id = brand_settings.brand_id
    where left(brand_settings.setting, length('tiers.')) = 'tiers.'

    union all

    select
        brand_id,
        'tier',
        'none'
    from brands

)

select
    loyalty_groups.brand_id,
    loyalty_groups.group_kind,
    loyalty_groups.group_name,
    coalesce(measured.customers, 0) as customers,
    {{ ratio('coalesce(measured.customers, 0)', 'sum(measured.customers) over (' ~ kind ~ ')') }} as share_of_customers,
    coalesce(measured.customers_in_base, 0) as customers_in_base,
    {{ ratio('measured.customers_in_base', 'measured.customers') }} as share_in_base,
    cast(coalesce(measured.orders, 0) as bigint) as orders,
    cast(coalesce(measured.net_revenue, 0) as {{ type_decimal(38, 4) }}) as net_revenue,
    {{ ratio('coalesce(measured.net_revenue, 0)', 'sum(measured.net_revenue) over (' ~ kind ~ ')') }} as revenue_share,
    {{ ratio('measured.net_revenue', 'measured.orders') }} as average_order_value,
    {{ ratio('measured.discounted_orders', 'measured.orders') }} as discounted_order_share,
    measured.average_engagement_score,
    measured.average_feedback_score,
    measured.high_risk_share,
    measured.average_p_alive,
    measured.average_p_order_90d
from loyalty_groups
left join measured
    on
        loyalty_groups.brand_id = measured.brand_id
        and loyalty_groups.group_kind = measured.group_kind
        and loyalty_groups.group_name = measured.group_name
