{%- set ranked_scores = {'f_score': 'lifetime_orders', 'm_score': 'lifetime_net_revenue'} -%}

with customers as (

    select
        brand_id,
        customer_id,
        {{ dbt.datediff('last_order_date', '(select as_of_date from ' ~ ref('as_of_date') ~ ')', 'day') }} as recency_days,
        {{ brand_value('churn.window_days') }} as window_days,
        lifetime_orders,
        lifetime_net_revenue
    from {{ ref('fct_customer_orders') }}

),

{% for score, measure in ranked_scores.items() -%}
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
        -- silence is measured against the brand's own window, not against other customers
        cast(case
            {%- for score in [5, 4, 3] %}
            when customers.recency_days
                <= {{ brand_value('rfm.recency_shares.' ~ loop.index0, 'customers.brand_id') }} * customers.window_days
                then {{ score }}
            {%- endfor %}
            when customers.recency_days < customers.window_days then 2
            else 1
        end as bigint) as r_score,
        {%- for score in ranked_scores %}
        cast({{ score }}_values.{{ score }} as bigint) as {{ score }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from customers
    {% for score, measure in ranked_scores.items() -%}
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
