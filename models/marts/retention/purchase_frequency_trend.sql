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
        months.is_whole_month and prior_year.is_whole_month as is_comparable,
        prior_year.orders as orders_prior_year,
        prior_year.purchasing_customers as purchasing_customers_prior_year,
        prior_year.purchase_frequency as purchase_frequency_prior_year,
        prior_year.average_order_value as average_order_value_prior_year
    from months
    left join months as prior_year
        on
            months.brand_id = prior_year.brand_id
            and months.calendar_month = cast({{ dbt.dateadd('year', 1, 'prior_year.calendar_month') }} as date)

)

select
    brand_id,
    calendar_month,
    is_complete_period,
    orders,
    purchasing_customers,
    purchase_frequency,
    average_order_value,
    orders_prior_year,
    purchasing_customers_prior_year,
    purchase_frequency_prior_year,
    average_order_value_prior_year,
    case
        when is_comparable then {{ ratio('orders', 'orders_prior_year') }} - 1
    end as orders_change_yoy,
    case
        when is_comparable then {{ ratio('purchasing_customers', 'purchasing_customers_prior_year') }} - 1
    end as purchasing_customers_change_yoy,
    case
        when is_comparable then {{ ratio('purchase_frequency', 'purchase_frequency_prior_year') }} - 1
    end as purchase_frequency_change_yoy,
    case
        when is_comparable then {{ ratio('average_order_value', 'average_order_value_prior_year') }} - 1
    end as average_order_value_change_yoy
from compared
