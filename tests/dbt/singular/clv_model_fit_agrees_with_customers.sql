-- Identity: every brand with an order has a fit of both models, of which it uses one, over its customers with an order,
-- of whom those with at least two order dates are the repeat customers. Kept parameters describe the customers of an
-- earlier day, so only new ones are compared.
-- Rows: brands for which they differ.
with counted as (

    select
        brand_id,
        count(*) as customers,
        count(case when distinct_order_days >= 2 then 1 end) as repeat_customers
    from {{ ref('customers') }}
    where lifetime_orders > 0
    group by brand_id

),

fits as (

    select
        brand_id,
        count(*) as models,
        count(case when is_used then 1 end) as used_models,
        max(customers) as customers,
        min(repeat_customers) as repeat_customers
    from {{ ref('clv_model_fit') }}
    group by brand_id

)

select
    brand_id,
    clv_model_fit.models,
    clv_model_fit.used_models,
    clv_model_fit.customers,
    counted.customers as expected_customers,
    clv_model_fit.repeat_customers,
    counted.repeat_customers as expected_repeat_customers
from counted
full outer join fits as clv_model_fit
    using (brand_id)
where
    counted.brand_id is null
    or clv_model_fit.brand_id is null
    or clv_model_fit.models <> 2
    or clv_model_fit.used_models <> 1
    {%- if project_settings().clv_refit == 'always' %}
    or clv_model_fit.customers <> counted.customers
    or clv_model_fit.repeat_customers <> counted.repeat_customers
    {%- endif %}
