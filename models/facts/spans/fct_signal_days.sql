{{ config(materialized='view') }}

{#- its one reader counts its rows: writing them took longer -#}

-- the days that keep a customer in the base, apart from subscriptions, each with the one before it
with orders as (

    select
        brand_id,
        customer_id,
        order_date as signal_date,
        previous_order_date as previous_signal_date
    from {{ ref('fct_orders') }}
    where is_purchase and {{ is_on_brand_list('churn.signals', "'order'") }}

),

interaction_days as (

    select distinct
        brand_id,
        customer_id,
        interaction_date as signal_date
    from {{ ref('stg_interactions') }}
    where {{ is_on_brand_list('churn.signals', 'interaction_group') }}

),

-- orders know the order before them: only where other signals lie between does the day before have to be looked for
mixed_days as (

    select
        brand_id,
        customer_id,
        signal_date
    from interaction_days

    {{ union_distinct() }}

    select
        orders.brand_id,
        orders.customer_id,
        orders.signal_date
    from orders
    where
        exists (
            select 1 from interaction_days
            where
                interaction_days.brand_id = orders.brand_id
                and interaction_days.customer_id = orders.customer_id
        )

)

select
    brand_id,
    customer_id,
    signal_date,
    lag(signal_date) over (partition by brand_id, customer_id order by signal_date) as previous_signal_date
from mixed_days

union all

select
    brand_id,
    customer_id,
    signal_date,
    previous_signal_date
from orders
where
    (previous_signal_date is null or previous_signal_date < signal_date)
    and not exists (
        select 1 from interaction_days
        where
            interaction_days.brand_id = orders.brand_id
            and interaction_days.customer_id = orders.customer_id
    )
