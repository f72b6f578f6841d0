with brands as (

    select
        brand_id,
        least(first_known_date, first_commercial_date) as first_date,
        (select as_of_date from {{ ref('as_of_date') }}) as as_of_date
    from {{ ref('int_brands') }}

),

periods as (

    {% for grain in period_grains() -%}
    select
        brand_id,
        '{{ grain }}' as period_grain,
        as_of_date,
        {{ date_series(period_start(grain, 'first_date'), period_start(grain, 'as_of_date'), grain) }}
            as period_start
    from brands
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

bounded as (

    select
        *,
        case period_grain
            {%- for grain in period_grains() %}
            when '{{ grain }}' then cast({{ dbt.last_day('period_start', grain) }} as date)
            {%- endfor %}
        end as period_end
    from periods

)

select
    brand_id,
    period_grain,
    period_start,
    period_end,
    -- the day at whose close the period is measured
    least(period_end, as_of_date) as measured_on,
    period_end <= as_of_date as is_complete_period
from bounded
