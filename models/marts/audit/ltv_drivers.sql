{%- set of_property = 'partition by brand_id, horizon_days, property' -%}
{%- set double = type_double() -%}

-- the others: customers of the brand and horizon with another value of the property
with compared as (

    select
        *,
        cast((sum(customers) over ({{ of_property }})) - customers as bigint) as others,
        (sum(net_revenue) over ({{ of_property }})) - net_revenue as others_net_revenue,
        (sum(later_net_revenue) over ({{ of_property }})) - later_net_revenue as others_later_net_revenue,
        (sum(repeat_customers) over ({{ of_property }})) - repeat_customers as others_repeat_customers,
        cast((sum(sum_of_logs) over ({{ of_property }})) - sum_of_logs as decimal(19, 9)) as others_sum_of_logs,
        cast((sum(sum_of_squares) over ({{ of_property }})) - sum_of_squares as {{ type_decimal(38, 18) }})
            as others_sum_of_squares
    from {{ ref('int_first_order_groups') }}

),

averages as (

    select
        *,
        {{ ratio('net_revenue + later_net_revenue', 'customers') }} as average_ltv,
        {{ ratio('later_net_revenue', 'customers') }} as average_later_revenue,
        {{ ratio('repeat_customers', 'customers') }} as repeat_rate,
        {{ ratio('others_net_revenue + others_later_net_revenue', 'others') }} as others_average_ltv,
        {{ ratio('others_later_net_revenue', 'others') }} as others_average_later_revenue,
        {{ ratio('others_repeat_customers', 'others') }} as others_repeat_rate,
        {{ ratio('sum_of_logs', 'customers') }} as mean_log,
        {{ ratio('others_sum_of_logs', 'others') }} as others_mean_log,
        cast({{ ratio('sum_of_logs', 'customers') }} as decimal(18, 9)) as rounded_mean_log,
        cast({{ ratio('others_sum_of_logs', 'others') }} as decimal(18, 9)) as others_rounded_mean_log
    from compared
    -- a property in which all customers are alike tells nobody apart
    where others > 0

),

-- squares around the mean, in decimals: exactly 0 where all values are equal
spread as (

    select
        *,
        sum_of_squares
        - rounded_mean_log * cast(2 * sum_of_logs - customers * rounded_mean_log as decimal(19, 9))
            as squared_deviations,
        others_sum_of_squares
        - others_rounded_mean_log * cast(2 * others_sum_of_logs - others * others_rounded_mean_log as decimal(19, 9))
            as others_squared_deviations
    from averages

),

-- Welch's t; beyond 37 the chance is too small for a double
distances as (

    select
        *,
        case
            when customers >= 50 and others >= 50 and (squared_deviations > 0 or others_squared_deviations > 0)
                then {{ least(
                    '37',
                    'abs(mean_log - others_mean_log) / sqrt('
                    ~ ratio('squared_deviations', 'customers - 1') ~ ' / customers + '
                    ~ ratio('others_squared_deviations', 'others - 1') ~ ' / others)'
                ) }}
        end as distance
    from spread

),

tested as (

    select
        *,
        {{ erfc('distance / sqrt(cast(2 as ' ~ double ~ '))') }} as p_value
    from distances

),

-- Benjamini and Hochberg: of the rows with at most this p, how many would be there by chance?
expected as (

    select
        *,
        p_value * count(p_value) over (partition by brand_id, horizon_days)
        / count(p_value) over (partition by brand_id, horizon_days order by p_value) as share_by_chance
    from tested

),

adjusted as (

    select
        *,
        {{ ratio('average_later_revenue', 'others_average_later_revenue') }} as later_revenue_lift,
        {{ ratio('repeat_rate', 'others_repeat_rate') }} as repeat_lift,
        case
            when p_value is not null
                then {{ least(
                    '1', 'min(share_by_chance) over (partition by brand_id, horizon_days order by p_value desc)'
                ) }}
        end as q_value
    from expected

)

select
    brand_id,
    horizon_days,
    property,
    property_value as value,
    customers,
    average_ltv,
    average_later_revenue,
    repeat_rate,
    others_average_ltv,
    others_average_later_revenue,
    others_repeat_rate,
    later_revenue_lift,
    repeat_lift,
    p_value,
    q_value,
    coalesce(
        q_value < 0.05
        and (
            later_revenue_lift <= 0.9 + 1e-9
            or later_revenue_lift >= 1.1 - 1e-9
            or repeat_lift <= 0.9 + 1e-9
            or repeat_lift >= 1.1 - 1e-9
        ),
        false
    ) as is_notable
from adjusted
