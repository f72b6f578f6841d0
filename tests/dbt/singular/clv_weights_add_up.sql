-- Identity: the weights of the nodes of a brand, cut and x form a distribution: none below zero, and a sum of 1; and
-- every group of customers of a brand whose model has parameters has its nodes.
-- Rows: brands, cuts and x that violate this. (Up to 1e-9 is rounding.)
with histories as (

    select distinct
        customer_groups.brand_id,
        customer_groups.cut_days,
        customer_groups.x
    from {{ ref('int_clv_groups') }} as customer_groups
    inner join {{ ref('fct_clv_parameters') }} as fitted
        on
            customer_groups.brand_id = fitted.brand_id
            and customer_groups.cut_days = fitted.cut_days
    where fitted.r is not null and fitted.model = {{ brand_value('clv.model', 'fitted.brand_id') }}

),

weights as (

    select
        brand_id,
        cut_days,
        x,
        min(weight) as smallest,
        sum(weight) as total
    from {{ ref('int_clv_nodes') }}
    group by brand_id, cut_days, x

)

select
    brand_id,
    cut_days,
    x,
    weights.smallest,
    weights.total
from histories
full outer join weights
    using (brand_id, cut_days, x)
where not coalesce(weights.smallest >= 0 and abs(weights.total - 1) < 1e-9, false)
