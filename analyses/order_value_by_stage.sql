-- Question: Does order value rise from purchase to retention to advocacy?
-- Reading: above 1 in against_purchase, orders of that stage are worth more than those of the stage purchase. Stages
-- hold different people; order_value_by_order_number follows the same ones.
with stages as (

    select * from {{ ref('lifecycle_stages') }}
    where period_grain = 'year'

),

summed as (

    select
        brand_id,
        stage,
        sum(orders) as orders,
        sum(net_revenue) as net_revenue
    from stages
    where stage in ('purchase', 'retention', 'advocacy')
    group by brand_id, stage

),

valued as (

    select
        brand_id,
        stage,
        orders,
        {{ ratio('net_revenue', 'orders') }} as average_order_value
    from summed
    where orders > 0

)

select
    valued.brand_id,
    valued.stage,
    valued.orders,
    valued.average_order_value,
    {{ ratio('valued.average_order_value', 'purchase.average_order_value') }} as against_purchase
from valued
left join valued as purchase
    on
        valued.brand_id = purchase.brand_id
        and purchase.stage = 'purchase'
order by
    valued.brand_id,
    case valued.stage when 'purchase' then 1 when 'retention' then 2 else 3 end
