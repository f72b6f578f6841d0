-- Question: When do subscribers leave?
-- Reading: of the subscriptions that entered a 30-day month and had time for all of it, the share that was cancelled in
-- it; customers who moved to another plan without a gap have not left. Act just before a month that stands out: a
-- renewal, the end of a trial. The last months rest on few subscriptions.
{%- set as_of_date = '(select as_of_date from ' ~ ref('as_of_date') ~ ' as reporting_day)' %}

with observed as (

    select
        *,
        {{ dbt.datediff('started_on', 'coalesce(ended_on, ' ~ as_of_date ~ ')', 'day') }} as days_held,
        {{ dbt.datediff('started_on', as_of_date, 'day') }} as days_observed
    from {{ ref('fct_subscriptions') }}

),

months as (

    {% for month in range(1, 13) -%}
    select {{ month }} as month_number
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

reached as (

    select
        observed.brand_id,
        observed.subscription_kind,
        months.month_number,
        count(*) as subscriptions,
        count(case
            when observed.is_cancelled and observed.days_held < 30 * months.month_number then 1
        end) as cancelled
    from observed
    inner join months
        on
            observed.days_held >= 30 * (months.month_number - 1)
            and observed.days_observed >= 30 * months.month_number
    group by observed.brand_id, observed.subscription_kind, months.month_number

)

select
    brand_id,
    subscription_kind,
    month_number,
    subscriptions,
    cancelled,
    {{ ratio('cancelled', 'subscriptions') }} as share_cancelled
from reached
order by brand_id, subscription_kind, month_number
