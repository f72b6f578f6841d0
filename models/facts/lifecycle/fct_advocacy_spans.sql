{%- set customers_signals = 'partition by brand_id, customer_id order by signalled_on' -%}

with signals as (

    select
        brand_id,
        customer_id,
        interaction_date as signalled_on
    from {{ ref('stg_interactions') }}
    where interaction_group = 'advocacy'

    union all

    select
        brand_id,
        referring_customer_id,
        converted_on
    from {{ ref('fct_referrals') }}
    where converted_on is not null

),

sequenced as (

    select
        *,
        lag(signalled_on) over ({{ customers_signals }}) as previous_signalled_on,
        max(signalled_on) over (partition by brand_id, customer_id) as last_signalled_on
    from signals

),

-- all windows of a brand are equally long, so a span starts where the previous signal's window does not reach
span_starts as (

    select
        *,
        lead(previous_signalled_on) over ({{ customers_signals }}) as last_signal_before_next
    from sequenced
    where
        previous_signalled_on is null
        or {{ add_days('previous_signalled_on', brand_value('advocacy.window_days')) }} < signalled_on

),

spans as (

    select
        brand_id,
        customer_id,
        signalled_on as span_start,
        {{ add_days('coalesce(last_signal_before_next, last_signalled_on)', brand_value('advocacy.window_days')) }}
            as span_end
    from span_starts

)

select
    brand_id,
    customer_id,
    span_start,
    span_end,
    span_end > (select as_of_date from {{ ref('as_of_date') }} as reporting_day) as is_open
from spans
