{{ config(materialized='view') }}

{#- the table is read twice, not through a shared CTE: an engine may materialize a CTE, which takes longer -#}
{%- set as_of_date = '(select as_of_date from ' ~ ref('as_of_date') ~ ')' -%}
{%- set days_since_first_order = dbt.datediff('first_order_date', as_of_date, 'day') -%}

select
    brand_id,
    customer_id,
    'as_of_date' as cut,
    distinct_order_days - 1 as x,
    {{ dbt.datediff('first_order_date', 'last_order_date', 'day') }} as t_x,
    {{ days_since_first_order }} as observed_days,
    {{ ratio('lifetime_net_revenue - first_date_net_revenue', 'distinct_order_days - 1') }} as mean_value,
    cast(null as bigint) as actual_order_days,
    cast(null as bigint) as naive_order_days
from {{ ref('fct_customer_orders') }}

union all

-- the customers who had ordered 90 days earlier, as they stood then
select
    brand_id,
    customer_id,
    'backtest' as cut,
    distinct_order_days - order_days_90d - 1 as x,
    {{ dbt.datediff('first_order_date', 'last_order_date_before_90d', 'day') }} as t_x,
    {{ days_since_first_order }} - 90 as observed_days,
    null as mean_value,
    order_days_90d as actual_order_days,
    order_days_prior_90d as naive_order_days
from {{ ref('fct_customer_orders') }}
where last_order_date_before_90d is not null
