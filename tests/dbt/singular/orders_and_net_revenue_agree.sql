-- Identity: a brand's orders and net revenue agree everywhere, exactly.
-- Rows: a brand and a mart whose sum differs from that of the purchases, with the difference.
{%- set marts = [
    {'name': 'customers', 'orders': 'lifetime_orders', 'net_revenue': 'lifetime_net_revenue'},
    {'name': 'loyalty_summary'},
    {'name': 'loyalty_tiers'},
    {'name': 'sales_channels'},
    {'name': 'cohort_retention_by_channel'},
    {'name': 'purchase_frequency_trend', 'net_revenue': none},
] -%}
{%- for grain in period_grains() -%}
    {%- do marts.append({'name': 'brand_metrics', 'grain': grain, 'where': "period_grain = '" ~ grain ~ "'"}) -%}
{%- endfor -%}
{%- for grain in ['month', 'quarter', 'year'] -%}
    {%- do marts.append({'name': 'cohort_retention', 'grain': grain, 'where': "cohort_grain = '" ~ grain ~ "'"}) -%}
{%- endfor %}

with purchases as (

    select
        brand_id,
        count(*) as orders,
        sum(net_revenue) as net_revenue
    from {{ ref('fct_orders') }}
    where is_purchase
    group by brand_id

),

-- each mart's sum less that of the purchases
differences as (

    {% for mart in marts -%}
    {%- set label = mart.name ~ (' by ' ~ mart.grain if mart.grain else '') -%}
    {%- set counts_money = mart.get('net_revenue', 'net_revenue') is not none -%}
    select
        brand_id,
        '{{ label }}' as counted_in,
        cast(sum({{ mart.get('orders', 'orders') }}) as bigint) as orders,
        cast(
            {{ 'sum(' ~ mart.get('net_revenue', 'net_revenue') ~ ')' if counts_money else '0' }}
            as {{ type_decimal(38, 4) }}
        ) as net_revenue
    from {{ ref(mart.name) }}
    {%- if mart.where %}
    where {{ mart.where }}
    {%- endif %}
    group by brand_id

    union all

    select
        brand_id,
        '{{ label }}' as counted_in,
        -cast(orders as bigint) as orders,
        -cast({{ 'net_revenue' if counts_money else '0' }} as {{ type_decimal(38, 4) }}) as net_revenue
    from purchases
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    brand_id,
    counted_in,
    sum(orders) as orders_too_many,
    sum(net_revenue) as net_revenue_too_much
from differences
group by brand_id, counted_in
having sum(orders) <> 0 or sum(net_revenue) <> 0
