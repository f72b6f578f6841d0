{%- set horizons = {'expected_orders_30d': '30e0', 'expected_orders_90d': '90e0'} -%}
{%- for step in range(1, 13) -%}
    {%- do horizons.update({'expected_orders_step_' ~ step: '365e0 * ' ~ step ~ 'e0 / 12e0'}) -%}
{%- endfor -%}

with histories as (

    select distinct
        brand_id,
        cut,
        x,
        observed_days
    from {{ ref('fct_clv_groups') }}

),

parameters as (

    select * from {{ ref('fct_clv_parameters') }}

),

nodes as (

    select
        histories.brand_id,
        histories.cut,
        histories.x,
        histories.observed_days,
        parameters.r + histories.x as r_x,
        parameters.alpha + histories.observed_days as at_end,
        nodes.p,
        nodes.weight
    from histories
    inner join parameters
        on histories.brand_id = parameters.brand_id and histories.cut = parameters.cut
    inner join {{ ref('fct_clv_nodes') }} as nodes
        on histories.brand_id = nodes.brand_id and histories.cut = nodes.cut and histories.x = nodes.x

)

select
    brand_id,
    cut,
    x,
    observed_days
    {%- for name, days in horizons.items() %},
    {{ expected_orders_if_there(days) }} as {{ name }}
    {%- endfor %}
from nodes
group by brand_id, cut, x, observed_days
