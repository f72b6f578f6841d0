{{ config(materialized='view') }}

{#- the loop: the same for each grain -#}

{%- set grains = ['month', 'year'] -%}

with starts as (

    {%- for grain in grains %}
    {%- set running = period_start(grain, 'as_of_date') %}
    select
        '{{ grain }}' as period_grain,
        as_of_date,
        {{ running }} as period_start,
        {{ period_end(grain, 'as_of_date') }} as period_end,
        {{ period_start(grain, add_days(running, -1)) }} as previous_period_start
    from {{ ref('as_of_date') }} as reporting_day
    where as_of_date is not null
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select
    period_grain,
    as_of_date,
    period_start,
    case
        when as_of_date < period_end
            then {{ add_days('previous_period_start', dbt.datediff('period_start', 'as_of_date', 'day')) }}
    end as last_compared_day
from starts
