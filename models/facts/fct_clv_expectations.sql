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

{#- the test of 90 days ago looks 90 days ahead -#}
{%- for cut in ['as_of_date', 'backtest'] %}
select
    brand_id,
    cut,
    x,
    observed_days
    {%- for name, days in horizons.items() %},
    {%- if cut == 'as_of_date' or name == 'expected_orders_90d' %}
    {{ expected_orders_if_there(days) }} as {{ name }}
    {%- else %}
    cast(null as {{ type_double() }}) as {{ name }}
    {%- endif %}
    {%- endfor %}
from nodes
where cut = '{{ cut }}'
group by brand_id, cut, x, observed_days
{{ 'union all' if not loop.last }}
{%- endfor %}
