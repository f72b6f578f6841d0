{#- a day after every other: the end of what has no end, inside this model only -#}
{%- set endless = "cast('9999-12-31' as date)" -%}
{%- set kinds = ['active', 'base'] -%}
{%- set setting_of = {'active': 'active', 'base': 'churn'} -%}

with order_days as (

    select
        brand_id,
        customer_id,
        order_date as signal_date
    from {{ ref('fct_orders') }}
    where is_purchase and (order_sequence = 1 or previous_order_date < order_date)

),

interaction_days as (

    select distinct
        brand_id,
        customer_id,
        interaction_date as signal_date,
        interaction_group
    from {{ ref('stg_interactions') }}
    where
        {%- for kind in kinds %}
        {{ 'or ' if not loop.first }}{{ is_on_brand_list(setting_of[kind] ~ '.signals', 'interaction_group') }}
        {%- endfor %}

),

-- every signal with the day on which its cover ends, for each of the two kinds of span; null where it is no signal of the kind
signals as (

    select
        brand_id,
        customer_id,
        signal_date as covered_from
        {%- for kind in kinds %},
        case
            when {{ is_on_brand_list(setting_of[kind] ~ '.signals', "'order'") }}
                then {{ add_days('signal_date', brand_value(setting_of[kind] ~ '.window_days')) }}
        end as {{ kind }}_until
        {%- endfor %}
    from order_days

    union all

    select
        brand_id,
        customer_id,
        signal_date
        {%- for kind in kinds %},
        case
            when {{ is_on_brand_list(setting_of[kind] ~ '.signals', 'interaction_group') }}
                then {{ add_days('signal_date', brand_value(setting_of[kind] ~ '.window_days')) }}
        end
        {%- endfor %}
    from interaction_days

    union all

    select
        brand_id,
        customer_id,
        started_on
        {%- for kind in kinds %},
        case
            when {{ is_on_brand_list(setting_of[kind] ~ '.signals', "'subscription'") }} then coalesce(ended_on, {{ endless }})
        end
        {%- endfor %}
    from {{ ref('stg_subscriptions') }}
    where started_on < coalesce(ended_on, {{ endless }})

),

covered as (

    select
        *
        {%- for kind in kinds %},
        max({{ kind }}_until) over before_it as {{ kind }}_before,
        max({{ kind }}_until) over from_it as {{ kind }}_at_last
        {%- endfor %}
    from signals
    window
        before_it as (
            partition by brand_id, customer_id order by covered_from rows between unbounded preceding and 1 preceding
        ),
        from_it as (
            partition by brand_id, customer_id order by covered_from rows between current row and unbounded following
        )

),

-- a span starts where nothing before reaches to; what came before it ended where the cover before it did
span_starts as (

    {% for kind in kinds -%}
    select
        brand_id,
        customer_id,
        '{{ kind }}' as span_kind,
        covered_from as span_start,
        {{ kind }}_before as previous_span_end,
        {{ kind }}_at_last as last_span_end
    from covered
    where {{ kind }}_until is not null and ({{ kind }}_before is null or {{ kind }}_before < covered_from)
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

spans as (

    select
        brand_id,
        customer_id,
        span_kind,
        span_start,
        row_number() over spans_of_kind as span_number,
        coalesce(lead(previous_span_end) over spans_of_kind, last_span_end) as span_end
    from span_starts
    window spans_of_kind as (partition by brand_id, customer_id, span_kind order by span_start)

)

select
    brand_id,
    customer_id,
    span_kind,
    span_number,
    span_start,
    nullif(span_end, {{ endless }}) as span_end,
    span_end > (select as_of_date from {{ ref('as_of_date') }}) as is_open
from spans
