{%- set groups -%}
groups as (

    {% for brand_id, settings in brand_settings().items() -%}
    {% for tier in settings.tiers -%}
    select
        {{ sql_text(brand_id) }} as brand_id,
        {{ sql_text(tier.name) }} as customer_group

    union all

    {% endfor -%}
    {% endfor -%}
    select
        brand_id,
        'none' as customer_group
    from {{ ref('fct_brands') }}

)
{%- endset -%}

{{ loyalty_measures('loyalty_tier', "coalesce(loyalty_tier, 'none')", groups) }}
