with brands as (

    select min({{ least('first_known_date', 'first_commercial_date') }}) as first_date
    from {{ ref('int_brands') }}

),

as_of_date as (

    select as_of_date from {{ ref('as_of_date') }} as reporting_day

)

{{ dates_between(
    'brands cross join as_of_date', [], period_start('year', 'brands.first_date'), 'as_of_date.as_of_date', 'day',
    'calendar_date'
) }}
