{%- set as_of_date = '(select as_of_date from ' ~ ref('as_of_date') ~ ' as reporting_day)' -%}

-- what it cost to win and to keep each customer who was ever in the base, of brands with any spend
with spend as (

    select * from {{ ref('stg_marketing_spend') }}

),

spans as (

    select * from {{ ref('fct_customer_spans') }}
    where span_kind = 'base' and brand_id in (select brand_id from spend)

),

acquired as (

    select
        status.brand_id,
        status.customer_id,
        {{ period_start('month', 'status.acquisition_date') }} as acquisition_month,
        coalesce(customers.acquisition_channel, 'unknown') as channel
    from {{ ref('fct_customer_status') }} as status
    left join {{ ref('stg_customers') }} as customers
        on
            status.brand_id = customers.brand_id
            and status.customer_id = customers.customer_id
    where status.acquisition_date is not null

),

acquisitions as (

    select
        brand_id,
        acquisition_month,
        channel,
        count(*) as customers
    from acquired
    group by brand_id, acquisition_month, channel

),

acquisition_spend as (

    select
        brand_id,
        {{ period_start('month', 'spent_on') }} as acquisition_month,
        channel,
        sum(amount) as amount
    from spend
    where purpose = 'acquisition'
    group by brand_id, {{ period_start('month', 'spent_on') }}, channel

),

retention_spend as (

    select
        brand_id,
        spent_on as calendar_date,
        sum(amount) as amount
    from spend
    where purpose = 'retention'
    group by brand_id, spent_on

),

movements as (

    select
        brand_id,
        span_start as calendar_date,
        count(*) as change
    from spans
    group by brand_id, span_start

    union all

    select
        brand_id,
        span_end,
        -count(*)
    from spans
    where not is_open
    group by brand_id, span_end

),

changes as (

    select
        brand_id,
        calendar_date,
        sum(change) as change
    from movements
    group by brand_id, calendar_date

),

first_days as (

    select
        brand_id,
        min(span_start) as first_date,
        {{ as_of_date }} as as_of_date
    from spans
    group by brand_id

),

calendar as (

    {{ dates_between('first_days', ['brand_id'], 'first_date', 'as_of_date', 'day', 'calendar_date') }}

),

-- a few thousand days of a brand, whatever the number of customers
base_days as (

    select
        calendar.brand_id,
        calendar.calendar_date,
        coalesce(retention_spend.amount, 0) as amount,
        sum(coalesce(changes.change, 0)) over (
            partition by calendar.brand_id order by calendar.calendar_date rows unbounded preceding
        ) as customers_in_base
    from calendar
    left join changes
        on
            calendar.brand_id = changes.brand_id
            and calendar.calendar_date = changes.calendar_date
    left join retention_spend
        on
            calendar.brand_id = retention_spend.brand_id
            and calendar.calendar_date = retention_spend.calendar_date

),

-- what it would have cost to keep a customer from the first day to the close of this one
accumulated as (

    select
        brand_id,
        calendar_date,
        sum(coalesce({{ ratio('amount', 'customers_in_base') }}, 0)) over (
            partition by brand_id order by calendar_date rows unbounded preceding
        ) as cost_to_date
    from base_days

),

-- computed before the join: a date computed in its condition would compare every span with every day
span_days as (

    select
        brand_id,
        customer_id,
        {{ add_days('span_start', -1) }} as day_before,
        case when is_open then {{ as_of_date }} else {{ add_days('span_end', -1) }} end as last_day
    from spans

),

kept as (

    select
        spans.brand_id,
        spans.customer_id,
        sum(at_end.cost_to_date - coalesce(before_start.cost_to_date, 0)) as retention_cost
    from span_days as spans
    inner join accumulated as at_end
        on
            spans.brand_id = at_end.brand_id
            and spans.last_day = at_end.calendar_date
    left join accumulated as before_start
        on
            spans.brand_id = before_start.brand_id
            and spans.day_before = before_start.calendar_date
    group by spans.brand_id, spans.customer_id

)

select
    acquired.brand_id,
    acquired.customer_id,
    coalesce({{ ratio('acquisition_spend.amount', 'acquisitions.customers') }}, 0) as acquisition_cost,
    kept.retention_cost
from acquired
inner join acquisitions
    on
        acquired.brand_id = acquisitions.brand_id
        and acquired.acquisition_month = acquisitions.acquisition_month
        and acquired.channel = acquisitions.channel
inner join kept
    on
        acquired.brand_id = kept.brand_id
        and acquired.customer_id = kept.customer_id
left join acquisition_spend
    on
        acquired.brand_id = acquisition_spend.brand_id
        and acquired.acquisition_month = acquisition_spend.acquisition_month
        and acquired.channel = acquisition_spend.channel
