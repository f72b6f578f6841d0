{%- set first_day = "cast('2000-01-01' as date)" -%}

with histogram as (

    select
        brand_id,
        cut_days,
        x,
        sum(customers) as customers
    from {{ ref('int_clv_groups') }}
    group by brand_id, cut_days, x

),

largest as (

    select max(x) as x from histogram

),

-- 0 to one less than the largest x, counted as days from an arbitrary date
numbered_days as (

    {{ dates_between(
        '(select x from largest where x > 0) as largest_if_any', [], first_day, add_days(first_day, 'x - 1'), 'day',
        'number_day'
    ) }}

),

numbers as (

    select {{ dbt.datediff(first_day, 'number_day', 'day') }} as j
    from numbered_days

)

select
    histogram.brand_id,
    histogram.cut_days,
    numbers.j,
    cast(sum(histogram.customers) as {{ type_double() }}) as customers
from histogram
inner join numbers
    on histogram.x > numbers.j
group by histogram.brand_id, histogram.cut_days, numbers.j
