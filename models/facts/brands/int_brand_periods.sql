with brands as (

    select
        brand_id,
        {{ least('first_known_date', 'first_commercial_date') }} as first_date,
        (select as_of_date from {{ ref('as_of_date') }} as reporting_day) as as_of_date
    from {{ ref('int_brands') }}

),

periods as (

    {{ dates_between(
        'brands', ['brand_id', "'week' as period_grain", 'as_of_date'],
        period_start('week', 'first_date'), period_start('week', 'as_of_date'), 'week', 'period_start'
    ) }}

    union all

    {{ dates_between(
        'brands', ['brand_id', "'month' as period_grain", 'as_of_date'],
        period_start('month', 'first_date'), period_start('month', 'as_of_date'), 'month', 'period_start'
    ) }}

    union all

    {{ dates_between(
        'brands', ['brand_id', "'quarter' as period_grain", 'as_of_date'],
        period_start('quarter', 'first_date'), period_start('quarter', 'as_of_date'), 'quarter', 'period_start'
    ) }}

    union all

    {{ dates_between(
        'brands', ['brand_id', "'year' as period_grain", 'as_of_date'],
        period_start('year', 'first_date'), period_start('year', 'as_of_date'), 'year', 'period_start'
    ) }}

),

bounded as (

    select
        *,
        {{ end_of_period('period_grain', 'period_start') }} as period_end
    from periods

)

select
    brand_id,
    period_grain,
    period_start,
    period_end,
    period_end <= as_of_date as is_complete_period
from bounded
