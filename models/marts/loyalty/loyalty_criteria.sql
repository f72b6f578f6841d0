{#- the loops: criteria are settings of each brand -#}
{{ config(materialized='view') }}

{%- set criteria = [] -%}
{%- for brand_id, settings in brand_settings().items() -%}
    {%- for leaf in rule_leaves(settings.loyal_when) -%}
        {%- do criteria.append({'brand_id': brand_id, 'leaf': leaf}) -%}
    {%- endfor -%}
{%- endfor -%}
{%- set metrics = customer_metrics() -%}

with customers as (

    select * from {{ ref('customers') }}
    where loyalty_class <> 'none'

),

compared as (

    {% for criterion in criteria -%}
    {%- set leaf = criterion.leaf -%}
    {%- if metrics[leaf.metric] == 'boolean' -%}
        {%- set threshold = 1 if leaf.value else 0 -%}
        {%- set actual_value = 'case when ' ~ leaf.metric ~ ' then 1 when not ' ~ leaf.metric ~ ' then 0 end' -%}
    {%- else -%}
        {%- set threshold = sql_number(leaf.value) -%}
        {%- set actual_value = leaf.metric -%}
    {%- endif -%}
    select
        brand_id,
        customer_id,
        {{ sql_text(leaf.name) }} as criterion,
        '{{ leaf.metric }}' as metric,
        '{{ leaf.op }}' as op,
        cast({{ threshold }} as {{ type_double() }}) as threshold,
        cast({{ actual_value }} as {{ type_double() }}) as actual_value,
        {{ rule_sql(leaf) }} as is_met,
        {{ leaf.is_negated | string | lower }} as is_negated
    from customers
    where brand_id = {{ sql_text(criterion.brand_id) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    brand_id,
    customer_id,
    criterion,
    metric,
    op,
    threshold,
    actual_value,
    is_met,
    case
        when is_negated or actual_value is null then null
        when op in ('>=', '>') then {{ greatest('threshold - actual_value', '0') }}
        when op in ('<=', '<') then {{ greatest('actual_value - threshold', '0') }}
    end as shortfall
from compared
