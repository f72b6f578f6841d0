{% macro loyalty_measures(group_column, group_expression, groups) -%}
with customers as (

    select
        *,
        {{ group_expression }} as customer_group,
        relationship_status in ('active', 'dormant') as is_in_base
    from {{ ref('customers') }}

),

{{ groups }},

totals as (

    select
        brand_id,
        count(*) as customers,
        sum(lifetime_net_revenue) as net_revenue
    from customers
    group by brand_id

),

measured as (

    select
        brand_id,
        customer_group,
        count(*) as customers,
        sum(lifetime_orders) as orders,
        sum(lifetime_net_revenue) as net_revenue,
        sum(discounted_orders) as discounted_orders,
        avg(engagement_score) as average_engagement_score,
        avg(average_feedback_score) as average_feedback_score,
        avg(p_alive) as average_p_alive,
        count(*) filter (where is_in_base) as customers_in_base,
        count(*) filter (where is_in_base and overdue_ratio > 1) as overdue_customers
    from customers
    group by brand_id, customer_group

)

select
    groups.brand_id,
    groups.customer_group as {{ group_column }},
    coalesce(measured.customers, 0) as customers,
    {{ ratio('coalesce(measured.customers, 0)', 'totals.customers') }} as share_of_customers,
    cast(coalesce(measured.orders, 0) as bigint) as orders,
    cast(coalesce(measured.net_revenue, 0) as decimal(38, 4)) as net_revenue,
    {{ ratio('coalesce(measured.net_revenue, 0)', 'totals.net_revenue') }} as revenue_share,
    {{ ratio('measured.net_revenue', 'measured.orders') }} as average_order_value,
    {{ ratio('measured.discounted_orders', 'measured.orders') }} as discounted_order_share,
    measured.average_engagement_score,
    measured.average_feedback_score,
    {{ ratio('measured.overdue_customers', 'measured.customers_in_base') }} as overdue_share,
    measured.average_p_alive
from groups
inner join totals
    on groups.brand_id = totals.brand_id
left join measured
    on
        groups.brand_id = measured.brand_id
        and groups.customer_group = measured.customer_group
{%- endmacro %}
