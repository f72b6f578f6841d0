-- Identity: before + new + resumed + expansion - contraction - paused = net revenue. Revenue and buyers of months and
-- years are those of brand_metrics; what a complete period is compared with is the whole period before.
-- Rows: periods of the bridge that break one of these.
with bridge as (

    select
        *,
        lag(net_revenue) over (partition by brand_id, period_grain order by period_start) as previous_net_revenue
    from {{ ref('revenue_bridge') }}

)

select
    bridge.brand_id,
    bridge.period_grain,
    bridge.period_start,
    bridge.net_revenue_before,
    bridge.previous_net_revenue,
    bridge.net_revenue,
    metrics.net_revenue as net_revenue_of_metrics
from bridge
left join {{ ref('brand_metrics') }} as metrics
    on
        bridge.brand_id = metrics.brand_id
        and bridge.period_grain = metrics.period_grain
        and bridge.period_start = metrics.period_start
where
    bridge.net_revenue_before + bridge.new_revenue + bridge.resumed_revenue + bridge.expansion_revenue
    - bridge.contraction_revenue - bridge.paused_revenue <> bridge.net_revenue
    or {{ least('bridge.new_revenue', 'bridge.resumed_revenue', 'bridge.expansion_revenue') }} < 0
    or {{ least('bridge.contraction_revenue', 'bridge.paused_revenue') }} < 0
    or {{ least('bridge.paused_customers', 'bridge.unchanged_customers') }} < 0
    or (
        bridge.period_grain <> 'trailing_year'
        and (
            coalesce(bridge.net_revenue <> metrics.net_revenue, true)
            or bridge.first_time_customers + bridge.resumed_customers + bridge.expansion_customers
            + bridge.contraction_customers + bridge.unchanged_customers <> metrics.purchasing_customers
            or (
                bridge.is_complete_period
                and bridge.net_revenue_before <> coalesce(bridge.previous_net_revenue, 0)
            )
        )
    )
