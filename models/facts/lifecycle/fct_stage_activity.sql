{#- the loops: the same count for each grain, in one pass over the days -#}
{%- set grains = period_grains() -%}

-- a row per order and per interaction, each with the date of the one before it
with activities as (

    select
        brand_id,
        customer_id,
        order_date as activity_date,
        previous_order_date as previous_date,
        1 as orders,
        net_revenue,
        0 as interactions
    from {{ ref('fct_orders') }}
    where is_purchase

    union all

    select
        brand_id,
        customer_id,
        interaction_date,
        lag(interaction_date) over (partition by brand_id, customer_id order by interaction_date) as previous_date,
        0 as orders,
        0 as net_revenue,
        1 as interactions
    from {{ ref('stg_interactions') }}

),

-- only from churned and advocacy does a customer get to a stage for a second time
returned as (

    select distinct
        brand_id,
        customer_id
    from {{ ref('lifecycle_stage_history') }}
    where previous_stage in ('churned', 'advocacy')

),

staged as (

    select
        history.brand_id,
        history.customer_id,
        history.stage,
        activities.activity_date,
        activities.orders,
        activities.net_revenue,
        activities.interactions,
        case when activities.previous_date >= history.valid_from then activities.previous_date end as previous_date,
        returned.customer_id is not null as has_returned
    from activities
    inner join {{ ref('lifecycle_stage_history') }} as history
        on
            activities.brand_id = history.brand_id
            and activities.customer_id = history.customer_id
            and activities.activity_date >= history.valid_from
            and (history.valid_to is null or activities.activity_date < history.valid_to)
    left join returned
        on
            activities.brand_id = returned.brand_id
            and activities.customer_id = returned.customer_id

),

-- a customer counts once in a period and stage: with the first order or interaction in it
counted as (

    select
        brand_id,
        stage,
        activity_date,
        orders,
        net_revenue,
        interactions,
        previous_date
    from staged
    where not has_returned

    union all

    -- the one before in this stage may lie in an earlier time there
    select
        brand_id,
        stage,
        activity_date,
        orders,
        net_revenue,
        interactions,
        lag(activity_date) over (
            partition by brand_id, customer_id, stage, orders order by activity_date
        ) as previous_date
    from staged
    where has_returned

),

days as (

    select
        brand_id,
        stage,
        activity_date,
        sum(orders) as orders,
        sum(net_revenue) as net_revenue,
        sum(interactions) as interactions
        {%- for grain in grains %},
        sum(case
            when previous_date is null or previous_date < {{ period_start(grain, 'activity_date') }} then orders
        end) as {{ grain }}_purchasers,
        sum(case
            when previous_date is null or previous_date < {{ period_start(grain, 'activity_date') }} then interactions
        end) as {{ grain }}_interacting
        {%- endfor %}
    from counted
    group by brand_id, stage, activity_date

),

placed as (

    select
        days.*,
        grains.period_grain,
        {{ start_of_period('grains.period_grain', 'days.activity_date') }} as period_start
    from days
    cross join {{ ref('int_period_grains') }} as grains

)

select
    brand_id,
    period_grain,
    period_start,
    stage,
    cast(sum(orders) as bigint) as orders,
    cast(sum(net_revenue) as {{ type_decimal(38, 4) }}) as net_revenue,
    cast(coalesce(sum(
        case period_grain
            {%- for grain in grains %}
            when '{{ grain }}' then {{ grain }}_purchasers
            {%- endfor %}
        end
    ), 0) as bigint) as purchasing_customers,
    cast(sum(interactions) as bigint) as interactions,
    cast(coalesce(sum(
        case period_grain
            {%- for grain in grains %}
            when '{{ grain }}' then {{ grain }}_interacting
            {%- endfor %}
        end
    ), 0) as bigint) as interacting_customers
from placed
group by brand_id, period_grain, period_start, stage
