{%- set as_of_date = '(select as_of_date from ' ~ ref('as_of_date') ~ ')' -%}
{%- set changes = ['known', 'considered', 'committed', 'retained', 'base_starts', 'base_change', 'advocacy_change'] -%}
{%- set advocacy_days = brand_value('advocacy.window_days') -%}

with known_customers as (

    select * from {{ ref('fct_known_customers') }}

),

base_spans as (

    select * from {{ ref('fct_customer_spans') }}
    where span_kind = 'base'

),

advocacy_signals as (

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

changes as (

    {% for relation, date, where, own in [
        ('known_customers', 'known_since', '', {'known': 1}),
        ('known_customers', 'considered_on', 'considered_on is not null', {'considered': 1}),
        ('known_customers', 'committed_on', 'committed_on is not null', {'committed': 1}),
        ('known_customers', 'retained_on', 'retained_on is not null', {'retained': 1}),
        ('base_spans', 'span_start', '', {'base_starts': 1, 'base_change': 1}),
        ('base_spans', 'span_end', 'not is_open', {'base_change': -1}),
        ('advocacy_signals', 'signalled_on', '', {'advocacy_change': 1}),
        ('advocacy_signals', add_days('signalled_on', advocacy_days), '', {'advocacy_change': -1}),
    ] -%}
    select
        brand_id,
        customer_id,
        {{ date }} as changed_on
        {%- for change in changes %},
        {{ own.get(change, 0) }} as {{ change }}
        {%- endfor %}
    from {{ relation }}
    {%- if where %}
    where {{ where }}
    {%- endif %}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    brand_id,
    customer_id,
    changed_on
    {%- for change in changes %},
    cast(sum({{ change }}) as integer) as {{ change }}
    {%- endfor %}
from changes
where changed_on <= {{ as_of_date }}
group by brand_id, customer_id, changed_on
