-- Question: What did abandoned carts cost, and how much was recovered?
-- Reading: amount_lost is the value of carts without an order within seven days. A jump of recovery_rate between
-- quarters shows where something started: a reminder, free delivery.
with carts as (

    select * from {{ ref('cart_recovery') }}

),

quarters as (

    select
        brand_id,
        {{ period_start('quarter', 'period_start') }} as quarter_start,
        sum(carts_abandoned) as carts_abandoned,
        sum(carts_recovered) as carts_recovered,
        sum(abandoned_amount) as abandoned_amount,
        sum(recovered_amount) as recovered_amount,
        sum(recovered_net_revenue) as recovered_net_revenue
    from carts
    group by brand_id, {{ period_start('quarter', 'period_start') }}

)

select
    brand_id,
    quarter_start,
    carts_abandoned,
    carts_recovered,
    {{ ratio('carts_recovered', 'carts_abandoned') }} as recovery_rate,
    abandoned_amount,
    abandoned_amount - recovered_amount as amount_lost,
    {{ ratio('recovered_amount', 'abandoned_amount') }} as recovered_value_rate,
    recovered_net_revenue
from quarters
where carts_abandoned > 0
order by brand_id, quarter_start
