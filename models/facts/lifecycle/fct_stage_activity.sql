{#- the loop: distinct customers of a period cannot be summed from shorter ones -#}
{%- set grains = period_grains() -%}
{%- set history = ref('lifecycle_stage_history') -%}

with staged_orders as (

    select
        history.brand_id,
        history.customer_id,
        history.stage,
        orders.order_date,
        orders.net_revenue
    from {{ ref('fct_orders') }} as orders
    inner join {{ history }} as history
        on
            orders.brand_id = history.brand_id
            and orders.customer_id = history.customer_id
            and orders.order_date >= history.valid_from
            and (history.valid_to is null or orders.order_date < history.valid_to)
    where orders.is_purchase

),

staged_interactions as (

    select
        history.brand_id,
        history.customer_id,
        history.stage,
        interactions.interaction_date
    from {{ ref('stg_interactions') }} as interactions
    inner join {{ history }} as history
        on
            interactions.brand_id = history.brand_id
            and interactions.customer_id = history.customer_id
            and interactions.interaction_date >= history.valid_from
            and (history.valid_to is null or interactions.interaction_date < history.valid_to)

),

activity as (

    {% for grain in grains -%}
    select
        brand_id,
        '{{ grain }}' as period_grain,
        {{ period_start(grain, 'order_date') }} as period_start,
        stage,
        count(*) as orders,
        sum(net_revenue) as net_revenue,
        count(distinct customer_id) as purchasing_customers,
        0 as interactions,
        0 as interacting_customers
    from staged_orders
    group by brand_id, {{ period_start(grain, 'order_date') }}, stage

    union all

    select
        brand_id,
        '{{ grain }}' as period_grain,
        {{ period_start(grain, 'interaction_date') }} as period_start,
        stage,
        0 as orders,
        0 as net_revenue,
        0 as purchasing_customers,
        count(*) as interactions,
        count(distinct customer_id) as interacting_customers
    from staged_interactions
    group by brand_id, {{ period_start(grain, 'interaction_date') }}, stage
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    brand_id,
    period_grain,
    period_start,
    stage,
    cast(sum(orders) as bigint) as orders,
    cast(sum(net_revenue) as decimal(38, 4)) as net_revenue,
    cast(sum(purchasing_customers) as bigint) as purchasing_customers,
    cast(sum(interactions) as bigint) as interactions,
    cast(sum(interacting_customers) as bigint) as interacting_customers
from activity
group by brand_id, period_grain, period_start, stage
