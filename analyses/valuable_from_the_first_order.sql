-- Question: Which first orders foretell valuable customers?
-- Reading: only differences that are notable, the largest sum of money first. later_revenue_difference is what these
-- customers brought after the first order above (or below) as many of the others. It goes with the property and need
-- not come from it: test before you spend on it.
with drivers as (

    select
        *,
        sum(customers) over (partition by brand_id, horizon_days, property) as customers_of_horizon
    from {{ ref('ltv_drivers') }}

)

select
    brand_id,
    horizon_days,
    property,
    value,
    customers,
    {{ ratio('customers', 'customers_of_horizon') }} as share_of_customers,
    average_later_revenue,
    others_average_later_revenue,
    later_revenue_lift,
    repeat_lift,
    customers * (average_later_revenue - others_average_later_revenue) as later_revenue_difference
from drivers
where is_notable
order by brand_id asc, horizon_days asc, later_revenue_difference desc, property asc, value asc
