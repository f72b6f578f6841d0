{%- set by_month = 'partition by brand_id order by period_start' -%}
{%- set up_to_here = 'partition by brand_id order by period_start rows unbounded preceding' -%}
{%- set six_before = 'partition by brand_id order by period_start rows between 6 preceding and 1 preceding' -%}
{%- set three_before = 'partition by brand_id order by period_start rows between 3 preceding and 1 preceding' -%}
{%- set three_before_that_month
    = 'partition by brand_id order by period_start rows between 15 preceding and 13 preceding' -%}

-- in the first churn window nobody can leave, also where the history is complete: such a month is no measure of others
with complete_months as (

    select
        metrics.*,
        coalesce(metrics.period_start >= {{ add_days(
            'brands.first_order_date', brand_value('churn.window_days', 'metrics.brand_id')
        ) }}, true) as could_lose_customers
    from {{ ref('brand_metrics') }} as metrics
    inner join {{ ref('int_brands') }} as brands
        on metrics.brand_id = brands.brand_id
    where metrics.period_grain = 'month' and metrics.is_complete_period

),

months as (

    select
        *,
        row_number() over (partition by brand_id order by period_start desc) as months_ago,
        count(*) over ({{ up_to_here }}) as months_so_far,

        count(repeat_churn_rate) over ({{ six_before }}) as months_with_churn_rate,
        avg(repeat_churn_rate) over ({{ six_before }}) as mean_churn_rate_before,
        lag(repeat_churn_rate, 12) over ({{ by_month }}) as churn_rate_a_year_before,
        lag(could_lose_customers, 12) over ({{ by_month }}) as could_lose_customers_then,

        count(repeat_customer_rate) over ({{ six_before }}) as months_with_repeat_rate,
        avg(repeat_customer_rate) over ({{ six_before }}) as mean_repeat_rate_before,
        lag(repeat_customer_rate, 12) over ({{ by_month }}) as repeat_rate_a_year_before,
        avg(repeat_customer_rate) over ({{ three_before }}) as mean_recent_repeat_rate,
        count(repeat_customer_rate) over ({{ three_before }}) as recent_months_with_repeat_rate,
        avg(repeat_customer_rate) over ({{ three_before_that_month }}) as mean_recent_repeat_rate_a_year_before,
        count(repeat_customer_rate) over ({{ three_before_that_month }})
            as recent_months_with_repeat_rate_a_year_before,

        count(*) over ({{ six_before }}) as months_before,
        avg(cast(net_revenue as {{ type_double() }})) over ({{ six_before }}) as mean_revenue_before,
        cast(lag(net_revenue, 12) over ({{ by_month }}) as {{ type_double() }}) as revenue_a_year_before,
        cast(sum(net_revenue) over ({{ three_before }}) as {{ type_double() }}) as revenue_lately,
        cast(sum(net_revenue) over ({{ three_before_that_month }}) as {{ type_double() }})
            as revenue_lately_a_year_before
    from complete_months

),

compared as (

    select
        *,
        case
            when could_lose_customers_then and churn_rate_a_year_before is not null then churn_rate_a_year_before
            when months_with_churn_rate = 6 then mean_churn_rate_before
        end as compared_churn_rate,
        -- what the season would make of the last three months
        case
            when
                months_so_far >= 16
                and recent_months_with_repeat_rate = 3
                and recent_months_with_repeat_rate_a_year_before = 3
                and mean_recent_repeat_rate_a_year_before > 0
                then repeat_rate_a_year_before * mean_recent_repeat_rate / mean_recent_repeat_rate_a_year_before
        end as seasonal_repeat_rate,
        case
            when months_so_far >= 16 and revenue_lately_a_year_before > 0
                then revenue_a_year_before * revenue_lately / revenue_lately_a_year_before
        end as seasonal_revenue
    from months
    where months_ago = 1

)

select
    brand_id,
    period_start,
    repeat_churn_rate,
    {{ greatest(
        brand_value('alerts.churn_rate_high.churn_rate'),
        '(1 + ' ~ brand_value('alerts.churn_rate_high.relative_rise') ~ ') * compared_churn_rate'
    ) }} as highest_churn_rate,
    compared_churn_rate,
    case
        when months_with_repeat_rate < 6 or seasonal_repeat_rate = 0 then null
        when seasonal_repeat_rate is null then 1 - {{ ratio('repeat_customer_rate', 'mean_repeat_rate_before') }}
        else
            {{ least(
                '1 - ' ~ ratio('repeat_customer_rate', 'mean_repeat_rate_before'),
                '1 - ' ~ ratio('repeat_customer_rate', 'seasonal_repeat_rate')
            ) }}
    end as repeat_customer_rate_drop,
    case
        when months_before < 6 or seasonal_revenue = 0 then null
        when seasonal_revenue is null then 1 - {{ ratio('net_revenue', 'mean_revenue_before') }}
        else
            {{ least(
                '1 - ' ~ ratio('net_revenue', 'mean_revenue_before'), '1 - ' ~ ratio('net_revenue', 'seasonal_revenue')
            ) }}
    end as net_revenue_drop
from compared
