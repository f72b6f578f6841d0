{#- the loops: the same columns at every cut -#}
{{ config(materialized='view') }}

{#- the table is read once for each cut, not once by a CTE for all: an engine may keep a CTE's rows, which takes longer.
    A cut that lies less than 180 days after the brand's first order date would be fitted to too little. -#}
{%- set as_of_date = '(select as_of_date from ' ~ ref('as_of_date') ~ ' as reporting_day)' -%}
{%- set cuts = [0] + clv_cuts() -%}
{%- set horizons = [90, 365] -%}

{% for cut_days in cuts -%}
-- as of {{ cut_days }} days ago: who had ordered by then, what was known of them, and what they did afterwards
select
    order_days.brand_id,
    order_days.customer_id,
    {{ cut_days }} as cut_days,
    order_days.order_days_by_{{ cut_days }}d - 1 as x,
    {{ dbt.datediff('order_days.first_order_date', 'order_days.last_order_date_by_' ~ cut_days ~ 'd', 'day') }} as t_x,
    {{ dbt.datediff('order_days.first_order_date', as_of_date, 'day') }} - {{ cut_days }} as observed_days,
    case when order_days.order_days_by_{{ cut_days }}d > 1 then {{ ratio(
        'order_days.net_revenue_by_' ~ cut_days ~ 'd - order_days.first_date_net_revenue',
        'order_days.order_days_by_' ~ cut_days ~ 'd - 1'
    ) }} end as mean_value
    {%- for horizon in horizons %}
    {%- set is_tested = [cut_days, horizon] in clv_backtests() -%}
    {%- for measure, type in [('order_days', 'bigint'), ('net_revenue', type_decimal(38, 4))] %}
    {%- set by = 'order_days.' ~ measure ~ '_by_' %}
    {%- if is_tested %},
    {{ by }}{{ cut_days - horizon }}d - {{ by }}{{ cut_days }}d as actual_{{ measure }}_{{ horizon }}d,
    {{ by }}{{ cut_days }}d - {{ by }}{{ cut_days + horizon }}d as naive_{{ measure }}_{{ horizon }}d
    {%- else %},
    cast(null as {{ type }}) as actual_{{ measure }}_{{ horizon }}d,
    cast(null as {{ type }}) as naive_{{ measure }}_{{ horizon }}d
    {%- endif %}
    {%- endfor %}
    {%- endfor %}
from {{ ref('fct_clv_order_days') }} as order_days
{%- if cut_days > 0 %}
{%- set days_of_history = dbt.datediff('brands.first_order_date', as_of_date, 'day') %}
inner join {{ ref('int_brands') }} as brands on order_days.brand_id = brands.brand_id
where order_days.last_order_date_by_{{ cut_days }}d is not null and {{ days_of_history }} - {{ cut_days }} >= 180
{%- endif %}
{% if not loop.last %}
union all

{% endif -%}
{% endfor -%}
