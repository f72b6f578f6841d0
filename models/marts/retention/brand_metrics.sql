{%- set grains = period_grains() -%}
{#- sums of the days of a period -#}
{%- set sums = [
    'orders', 'gross_amount', 'discount_amount', 'refund_amount', 'net_revenue', 'discounted_orders', 'first_orders',
    'first_order_net_revenue', 'second_orders', 'promoters', 'detractors', 'nps_answers', 'monthly_recurring_change',
    'active_change',
] -%}
{%- set spends = ['acquisition_spend', 'retention_spend'] -%}
{%- set counts = ['purchasers', 'repeat_purchasers', 'returning_purchasers'] -%}
{%- set movements = ['lost_customers', 'new_customers', 'reactivated_customers', 'acquired_customers'] -%}
{%- set up_to_here = 'over (partition by brand_id, period_grain order by period_start rows unbounded preceding)' -%}

with brands as (

    select * from {{ ref('int_brands') }}

),

periods as (

    select
        periods.*,
        brands.marketing_spend is not null as has_spend
    from {{ ref('int_brand_periods') }} as periods
    inner join brands
        on
            periods.brand_id = brands.brand_id
            and periods.period_end >= brands.first_commercial_date

),

days as (

    select * from {{ ref('fct_brand_days') }}

),

movements as (

    select * from {{ ref('fct_base_movements') }}

),

totals as (

    {% for grain in grains -%}
    select
        brand_id,
        '{{ grain }}' as period_grain,
        {{ period_start(grain, 'calendar_date') }} as period_start
        {%- for sum in sums + spends %},
        sum({{ sum }}) as {{ sum }}
        {%- endfor %}
        {%- for count in counts %},
        sum({{ grain }}_{{ count }}) as {{ count }}
        {%- endfor %}
    from days
    group by brand_id, {{ period_start(grain, 'calendar_date') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

filled as (

    select
        periods.brand_id,
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete_period
        {%- for spend in spends %},
        case when periods.has_spend then coalesce(totals.{{ spend }}, 0) end as {{ spend }}
        {%- endfor %}
        {%- for sum in sums + counts %},
        coalesce(totals.{{ sum }}, 0) as {{ sum }}
        {%- endfor %}
        {%- for movement in movements %},
        coalesce(movements.{{ movement }}, 0) as {{ movement }}
        {%- endfor %}
    from periods
    left join totals
        on
            periods.brand_id = totals.brand_id
            and periods.period_grain = totals.period_grain
            and periods.period_start = totals.period_start
    left join movements
        on
            periods.brand_id = movements.brand_id
            and periods.period_grain = movements.period_grain
            and periods.period_start = movements.period_start

),

accumulated as (

    select
        *,
        sum(new_customers + reactivated_customers - lost_customers) {{ up_to_here }} as customers_at_end,
        sum(active_change) {{ up_to_here }} as active_customers,
        sum(monthly_recurring_change) {{ up_to_here }} as monthly_recurring_amount,
        sum(first_orders) {{ up_to_here }} as buyers_to_date,
        sum(second_orders) {{ up_to_here }} as repeat_buyers_to_date,
        sum(net_revenue) {{ up_to_here }} as net_revenue_to_date,
        sum(acquisition_spend + retention_spend) {{ up_to_here }} as marketing_spend_to_date
    from filled

),

bridged as (

    select
        *,
        customers_at_end - new_customers - reactivated_customers + lost_customers as customers_at_start,
        customers_at_end - new_customers - reactivated_customers as retained_customers
    from accumulated

),

rated as (

    select
        *,
        {{ ratio('lost_customers', 'customers_at_start') }} as churn_rate,
        {{ ratio('net_revenue', 'orders') }} as average_order_value,
        {{ ratio('net_revenue_to_date', 'buyers_to_date') }} as historical_clv,
        {{ ratio('acquisition_spend', 'acquired_customers') }} as cost_per_acquisition,
        case
            when is_complete_period then {{ ratio('customers_at_start', 'lost_customers') }}
        end as average_lifespan_periods
    from bridged

)

select
    brand_id,
    period_grain,
    period_start,
    period_end,
    is_complete_period,
    cast(customers_at_start as bigint) as customers_at_start,
    cast(customers_at_end as bigint) as customers_at_end,
    cast(retained_customers as bigint) as retained_customers,
    cast(lost_customers as bigint) as lost_customers,
    cast(new_customers as bigint) as new_customers,
    cast(reactivated_customers as bigint) as reactivated_customers,
    cast(acquired_customers as bigint) as acquired_customers,
    churn_rate,
    {{ ratio('retained_customers', 'customers_at_start') }} as retention_rate,
    cast(purchasers as bigint) as purchasing_customers,
    cast(orders as bigint) as orders,
    cast(net_revenue as decimal(38, 4)) as net_revenue,
    cast(repeat_purchasers as bigint) as repeat_purchasers,
    {{ ratio('repeat_purchasers', 'purchasers') }} as repeat_customer_rate,
    cast(returning_purchasers as bigint) as returning_purchasers,
    {{ ratio('returning_purchasers', 'purchasers') }} as returning_customer_rate,
    {{ ratio('repeat_buyers_to_date', 'buyers_to_date') }} as lifetime_repeat_rate,
    {{ ratio('orders', 'purchasers') }} as purchase_frequency,
    average_order_value,
    average_lifespan_periods,
    average_order_value * {{ ratio('2 * orders', 'customers_at_start + customers_at_end') }}
    * average_lifespan_periods as clv_formula,
    historical_clv,
    {{ ratio('net_revenue_to_date - marketing_spend_to_date', 'buyers_to_date') }} as net_clv,
    cast(active_customers as bigint) as active_customers,
    {{ ratio('active_customers', 'customers_at_end') }} as active_rate,
    cast(gross_amount as decimal(38, 4)) as gross_amount,
    cast(discount_amount as decimal(38, 4)) as discount_amount,
    cast(refund_amount as decimal(38, 4)) as refund_amount,
    {{ ratio('discounted_orders', 'orders') }} as discounted_order_share,
    cast(first_order_net_revenue as decimal(38, 4)) as first_order_net_revenue,
    cast(net_revenue - first_order_net_revenue as decimal(38, 4)) as returning_net_revenue,
    cast(acquisition_spend as decimal(38, 4)) as acquisition_spend,
    cast(retention_spend as decimal(38, 4)) as retention_spend,
    cost_per_acquisition,
    {{ ratio('historical_clv', 'cost_per_acquisition') }} as historical_clv_to_cac,
    {{ ratio('promoters - detractors', 'nps_answers') }} as nps,
    cast(monthly_recurring_amount as decimal(38, 4)) as monthly_recurring_amount
from rated
