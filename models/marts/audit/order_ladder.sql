{%- set days_so_far = 'partition by brand_id, from_order order by day rows unbounded preceding' -%}

with gaps as (

    select
        *,
        cast(sum(events + censored) over (
            partition by brand_id, from_order order by day desc rows between unbounded preceding and current row
        ) as bigint) as at_risk
    from {{ ref('int_order_gaps') }}

),

-- product limit: the share of gaps that last beyond a day, and Greenwood's sum for its error
hazards as (

    select
        *,
        case when events < at_risk then ln(1 - {{ ratio('events', 'at_risk') }}) end as log_of_share_left,
        case
            when events < at_risk
                then {{ ratio('events', 'at_risk') }} / cast(at_risk - events as {{ type_double() }})
        end as error_term
    from gaps

),

sums as (

    select
        *,
        sum(log_of_share_left) over ({{ days_so_far }}) as log_of_survival,
        sum(error_term) over ({{ days_so_far }}) as error_sum
    from hazards

)

-- where an order ends every gap that is left, nothing comes after: it is the rung's last day
select
    brand_id,
    from_order,
    day,
    at_risk,
    events,
    censored,
    case when events = at_risk then 0 else exp(log_of_survival) end as survival,
    case when events < at_risk then exp(log_of_survival) * sqrt(error_sum) end as standard_error
from sums
