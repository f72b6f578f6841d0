{#- every measure of a brand's day, with the type of its sum -#}
{%- set money = 'decimal(38, 4)' -%}
{%- set measures = {
    'orders': 'bigint', 'gross_amount': money, 'discount_amount': money, 'refund_amount': money, 'net_revenue': money,
    'discounted_orders': 'bigint', 'first_orders': 'bigint', 'first_order_net_revenue': money, 'second_orders': 'bigint',
} -%}
{%- for grain in period_grains() -%}
    {%- do measures.update({
        grain ~ '_purchasers': 'bigint', grain ~ '_repeat_purchasers': 'bigint', grain ~ '_returning_purchasers': 'bigint',
    }) -%}
{%- endfor -%}
{%- set order_measures = measures | list -%}
{%- do measures.update({
    'acquisition_spend': money, 'retention_spend': money,
    'promoters': 'bigint', 'detractors': 'bigint', 'nps_answers': 'bigint',
    'monthly_recurring_change': money, 'active_change': 'bigint',
}) -%}

with orders as (

    select * from {{ ref('fct_order_days') }}

),

spend as (

    select * from {{ ref('stg_marketing_spend') }}

),

nps as (

    select * from {{ ref('stg_feedback') }}
    where feedback_kind = 'nps'

),

subscriptions as (

    select * from {{ ref('stg_subscriptions') }}
    where ended_on is null or started_on < ended_on

),

-- only customers in the base can be active, so an active span counts where it overlaps a base span
active_spans as (

    select
        active.brand_id,
        greatest(active.span_start, base.span_start) as span_start,
        least(active.span_end, base.span_end) as span_end
    from {{ ref('fct_customer_spans') }} as active
    inner join {{ ref('fct_customer_spans') }} as base
        on
            active.brand_id = base.brand_id
            and active.customer_id = base.customer_id
            and (base.span_end is null or active.span_start < base.span_end)
            and (active.span_end is null or active.span_end > base.span_start)
    where active.span_kind = 'active' and base.span_kind = 'base'

),

events as (

    select
        brand_id,
        order_date as calendar_date
        {%- for measure in order_measures %},
        sum({{ measure }}) as {{ measure }}
        {%- endfor %}
        {%- for measure in measures if measure not in order_measures %},
        cast(null as {{ measures[measure] }}) as {{ measure }}
        {%- endfor %}
    from orders
    group by brand_id, order_date

    {%- for relation, date, where, own in [
        ('spend', 'spent_on', '', {
            'acquisition_spend': "sum(amount) filter (where purpose = 'acquisition')",
            'retention_spend': "sum(amount) filter (where purpose = 'retention')",
        }),
        ('nps', 'submitted_on', '', {
            'promoters': 'count(*) filter (where score >= 9)',
            'detractors': 'count(*) filter (where score <= 6)',
            'nps_answers': 'count(*)',
        }),
        ('subscriptions', 'started_on', '', {'monthly_recurring_change': 'sum(monthly_amount)'}),
        ('subscriptions', 'ended_on', 'where ended_on is not null', {'monthly_recurring_change': '-sum(monthly_amount)'}),
        ('active_spans', 'span_start', '', {'active_change': 'count(*)'}),
        ('active_spans', 'span_end', 'where span_end is not null', {'active_change': '-count(*)'}),
    ] %}

    union all

    select
        brand_id,
        {{ date }}
        {%- for measure in measures %},
        {{ own.get(measure, 'null') }}
        {%- endfor %}
    from {{ relation }}
    {%- if where %}
    {{ where }}
    {%- endif %}
    group by brand_id, {{ date }}
    {%- endfor %}

)

select
    brand_id,
    calendar_date
    {%- for measure, type in measures.items() %},
    cast(coalesce(sum({{ measure }}), 0) as {{ type }}) as {{ measure }}
    {%- endfor %}
from events
where calendar_date <= (select as_of_date from {{ ref('as_of_date') }})
group by brand_id, calendar_date
