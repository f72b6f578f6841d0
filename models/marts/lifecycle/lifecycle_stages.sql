{%- set measures = ['orders', 'net_revenue', 'purchasing_customers', 'interactions', 'interacting_customers'] -%}

with history as (

    select * from {{ ref('lifecycle_stage_history') }}

),

periods as (

    select periods.*
    from {{ ref('int_brand_periods') }} as periods
    inner join {{ ref('int_brands') }} as brands
        on
            periods.brand_id = brands.brand_id
            and periods.period_end >= brands.first_known_date

),

activity as (

    select * from {{ ref('fct_stage_activity') }}

),

stages as (

    {% for stage in lifecycle_stage_names() -%}
    select '{{ stage }}' as stage
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- customers who entered a stage within a period, less those who left it
entries as (

    {% for grain in period_grains() -%}
    select
        brand_id,
        '{{ grain }}' as period_grain,
        {{ period_start(grain, 'valid_from') }} as period_start,
        stage,
        count(*) as customers
    from history
    group by brand_id, {{ period_start(grain, 'valid_from') }}, stage

    union all

    select
        brand_id,
        '{{ grain }}',
        {{ period_start(grain, 'valid_to') }},
        stage,
        -count(*)
    from history
    where valid_to is not null
    group by brand_id, {{ period_start(grain, 'valid_to') }}, stage
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

net_entries as (

    select
        brand_id,
        period_grain,
        period_start,
        stage,
        sum(customers) as customers
    from entries
    group by brand_id, period_grain, period_start, stage

),

filled as (

    select
        periods.brand_id,
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete_period,
        stages.stage,
        coalesce(net_entries.customers, 0) as net_entries
        {%- for measure in measures %},
        coalesce(activity.{{ measure }}, 0) as {{ measure }}
        {%- endfor %}
    from periods
    cross join stages
    left join net_entries
        on
            periods.brand_id = net_entries.brand_id
            and periods.period_grain = net_entries.period_grain
            and periods.period_start = net_entries.period_start
            and stages.stage = net_entries.stage
    left join activity
        on
            periods.brand_id = activity.brand_id
            and periods.period_grain = activity.period_grain
            and periods.period_start = activity.period_start
            and stages.stage = activity.stage

),

accumulated as (

    select
        *,
        sum(net_entries) over (
            partition by brand_id, period_grain, stage order by period_start rows unbounded preceding
        ) as customers
    from filled

),

shared as (

    select
        *,
        sum(customers) over (partition by brand_id, period_grain, period_start) as known_customers
    from accumulated

)

select
    brand_id,
    period_grain,
    period_start,
    period_end,
    is_complete_period,
    stage,
    cast(customers as bigint) as customers,
    {{ ratio('customers', 'known_customers') }} as share_of_customers,
    cast(orders as bigint) as orders,
    cast(net_revenue as decimal(38, 4)) as net_revenue,
    {{ ratio('net_revenue', 'orders') }} as average_order_value,
    cast(purchasing_customers as bigint) as purchasing_customers,
    {{ ratio('orders', 'purchasing_customers') }} as purchase_frequency,
    cast(interactions as bigint) as interactions,
    {{ ratio('interactions', 'interacting_customers') }} as interactions_per_customer
from shared
