with months as (

    select * from {{ ref('int_order_months') }}

),

carts as (

    select
        brand_id,
        {{ period_start('month', 'abandoned_on') }} as period_start,
        count(*) as carts_abandoned,
        sum(amount) as abandoned_amount,
        count(case when recovering_orders > 0 then 1 end) as carts_recovered,
        sum(recovered_net_revenue) as recovered_net_revenue,
        sum(case when recovering_orders > 0 then amount end) as recovered_amount
    from {{ ref('fct_carts') }}
    group by brand_id, {{ period_start('month', 'abandoned_on') }}

)

select
    months.brand_id,
    months.period_start,
    months.is_complete_period,
    coalesce(carts.carts_abandoned, 0) as carts_abandoned,
    cast(coalesce(carts.abandoned_amount, 0) as {{ type_decimal(38, 4) }}) as abandoned_amount,
    coalesce(carts.carts_recovered, 0) as carts_recovered,
    cast(coalesce(carts.recovered_net_revenue, 0) as {{ type_decimal(38, 4) }}) as recovered_net_revenue,
    cast(coalesce(carts.recovered_amount, 0) as {{ type_decimal(38, 4) }}) as recovered_amount,
    {{ ratio('carts.carts_recovered', 'carts.carts_abandoned') }} as recovery_rate,
    {{ ratio('coalesce(carts.recovered_amount, 0)', 'carts.abandoned_amount') }} as recovered_value_rate
from months
left join carts
    on
        months.brand_id = carts.brand_id
        and months.period_start = carts.period_start
