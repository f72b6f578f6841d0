{%- set measures = ['orders', 'purchasing_customers', 'purchase_frequency', 'average_order_value'] -%}

with brands as (

    select * from {{ ref('int_brands') }}

),

months as (

    select
        brand_metrics.brand_id,
        brand_metrics.period_start as calendar_month,
        brand_metrics.is_complete_period,
        brand_metrics.orders,
        brand_metrics.purchasing_customers,
        brand_metrics.purchase_frequency,
        brand_metrics.average_order_value,
        brand_metrics.is_complete_period and brand_metrics.period_start >= brands.first_order_date as is_whole_month
    from {{ ref('brand_metrics') }} as brand_metrics
    inner join brands
        on
            brand_metrics.brand_id = brands.brand_id
            and brand_metrics.period_end >= brands.first_order_date
    where brand_metrics.period_grain = 'month'

),

compared as (

    select
        months.*,
        months.is_whole_month and prior_year.is_whole_month as is_comparable
        {%- for measure in measures %},
        prior_year.{{ measure }} as {{ measure }}_prior_year
        {%- endfor %}
    from months
    left join months as prior_year
        on
            months.brand_id = prior_year.brand_id
            and months.calendar_month = cast({{ dbt.dateadd('year', 1, 'prior_year.calendar_month') }} as date)

)

select
    brand_id,
    calendar_month,
    is_complete_period
    {%- for measure in measures %},
    {{ measure }}
    {%- endfor %}
    {%- for measure in measures %},
    {{ measure }}_prior_year
    {%- endfor %}
    {%- for measure in measures %},
    case when is_comparable then {{ ratio(measure, measure ~ '_prior_year') }} - 1 end as {{ measure }}_change_yoy
    {%- endfor %}
from compared
