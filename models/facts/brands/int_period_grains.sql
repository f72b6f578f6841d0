{{ config(post_hook="{{ gather_statistics(this) }}") }}

{#- the loop: a row for each -#}
{%- for grain in period_grains() %}
select '{{ grain }}' as period_grain
{{ 'union all' if not loop.last }}
{%- endfor %}
