{%- set scores = {
    'r_score': 'last_order_date', 'f_score': 'lifetime_orders', 'm_score': 'lifetime_net_revenue',
} -%}

with customers as (

    select
        brand_id,
        customer_id,
        last_order_date,
        lifetime_orders,
        lifetime_net_revenue
    from {{ ref('fct_customer_orders') }}

),

{% for score, measure in scores.items() -%}
{{ score }}_histogram as (

    select
        brand_id,
        {{ measure }},
        count(*) as customers
    from customers
    group by brand_id, {{ measure }}

),

-- the rank of a value is one more than the customers with a lower one: a window over the values, not over the customers
{{ score }}_values as (

    select
        brand_id,
        {{ measure }},
        least(5, 1 + floor(
            cast(5 * (sum(customers) over up_to_here - customers) as {{ type_double() }})
            / cast(sum(customers) over (partition by brand_id) as {{ type_double() }})
        )) as {{ score }}
    from {{ score }}_histogram
    window up_to_here as (partition by brand_id order by {{ measure }} rows unbounded preceding)

),

{% endfor -%}
scored as (

    select
        customers.brand_id,
        customers.customer_id,
        {%- for score in scores %}
        cast({{ score }}_values.{{ score }} as bigint) as {{ score }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from customers
    {% for score, measure in scores.items() -%}
    inner join {{ score }}_values
        on
            customers.brand_id = {{ score }}_values.brand_id
            and customers.{{ measure }} = {{ score }}_values.{{ measure }}
    {% endfor %}

),

segments as (

    select * from {{ ref('rfm_grid') }}

)

select
    scored.brand_id,
    scored.customer_id,
    scored.r_score,
    scored.f_score,
    scored.m_score,
    segments.segment as rfm_segment
from scored
left join segments
    on scored.r_score = segments.r_score and scored.f_score = segments.f_score
