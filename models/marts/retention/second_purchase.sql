{%- set as_of_date = '(select as_of_date from ' ~ ref('as_of_date') ~ ' as reporting_day)' -%}

with months as (

    select
        *,
        {{ dbt.datediff('period_end', as_of_date, 'day') }} as days_since_end
    from {{ ref('int_order_months') }}

),

cohorts as (

    select
        brand_id,
        {{ period_start('month', 'first_order_date') }} as cohort_start,
        count(*) as first_buyers,
        count(case when days_to_second_order <= 30 then 1 end) as second_buyers_30d,
        count(case when days_to_second_order <= 60 then 1 end) as second_buyers_60d,
        count(case when days_to_second_order <= 90 then 1 end) as second_buyers_90d,
        count(case when days_to_second_order <= 180 then 1 end) as second_buyers_180d,
        count(case when days_to_second_order <= 365 then 1 end) as second_buyers_365d,
        {{ percentile_cont(
            'case when days_to_second_order <= 180 then cast(days_to_second_order as ' ~ type_double() ~ ') end', 0.5
        ) }} as median_days_to_second_order
    from {{ ref('fct_customer_orders') }}
    group by brand_id, {{ period_start('month', 'first_order_date') }}

)

-- a rate is shown once every buyer of the month has had the whole window to come back
select
    months.brand_id,
    months.period_start as cohort_start,
    months.is_complete_period,
    {{ is_left_truncated('months.period_start', 'brands.first_order_date', 'months.brand_id') }} as is_left_truncated,
    coalesce(cohorts.first_buyers, 0) as first_buyers,
    case when months.days_since_end >= 30 then coalesce(cohorts.second_buyers_30d, 0) end as second_buyers_30d,
    case
        when months.days_since_end >= 30 then {{ ratio('cohorts.second_buyers_30d', 'cohorts.first_buyers') }}
    end as second_purchase_rate_30d,
    case when months.days_since_end >= 60 then coalesce(cohorts.second_buyers_60d, 0) end as second_buyers_60d,
    case
        when months.days_since_end >= 60 then {{ ratio('cohorts.second_buyers_60d', 'cohorts.first_buyers') }}
    end as second_purchase_rate_60d,
    case when months.days_since_end >= 90 then coalesce(cohorts.second_buyers_90d, 0) end as second_buyers_90d,
    case
        when months.days_since_end >= 90 then {{ ratio('cohorts.second_buyers_90d', 'cohorts.first_buyers') }}
    end as second_purchase_rate_90d,
    case when months.days_since_end >= 180 then coalesce(cohorts.second_buyers_180d, 0) end as second_buyers_180d,
    case
        when months.days_since_end >= 180 then {{ ratio('cohorts.second_buyers_180d', 'cohorts.first_buyers') }}
    end as second_purchase_rate_180d,
    case when months.days_since_end >= 365 then coalesce(cohorts.second_buyers_365d, 0) end as second_buyers_365d,
    case
        when months.days_since_end >= 365 then {{ ratio('cohorts.second_buyers_365d', 'cohorts.first_buyers') }}
    end as second_purchase_rate_365d,
    case when months.days_since_end >= 180 then cohorts.median_days_to_second_order end as median_days_to_second_order
from months
inner join {{ ref('int_brands') }} as brands
    on months.brand_id = brands.brand_id
left join cohorts
    on
        months.brand_id = cohorts.brand_id
        and months.period_start = cohorts.cohort_start
