{%- set groups -%}
groups as (

    {% for loyalty_class in ['loyal', 'repeat', 'one_time', 'none'] -%}
    select
        brand_id,
        '{{ loyalty_class }}' as customer_group
    from {{ ref('fct_brands') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)
{%- endset -%}

{{ loyalty_measures('loyalty_class', 'loyalty_class', groups) }}
