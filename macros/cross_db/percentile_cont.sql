{# The value at a share of all values, between two of them where it has to be; nulls do not count. #}
{% macro percentile_cont(expression, share) -%}
    {{ return(adapter.dispatch('percentile_cont', 'customer_lifecycle')(expression, share)) }}
{%- endmacro %}

{% macro default__percentile_cont(expression, share) -%}
    percentile_cont({{ sql_number(share) }}) within group (order by {{ expression }})
{%- endmacro %}

{# BigQuery: Navigation functions; as an aggregate there is none. So it lies between two elements of a sorted array. #}
{% macro bigquery__percentile_cont(expression, share) -%}
    {%- set place = sql_number(share) ~ ' * (count(' ~ expression ~ ') - 1)' -%}
    {%- set values = 'array_agg(' ~ expression ~ ' ignore nulls order by ' ~ expression ~ ')' -%}
    {%- set lower = values ~ '[safe_offset(cast(floor(' ~ place ~ ') as int64))]' -%}
    {%- set upper = values ~ '[safe_offset(cast(ceil(' ~ place ~ ') as int64))]' -%}
    ({{ lower }} + ({{ upper }} - {{ lower }}) * ({{ place }} - floor({{ place }})))
{%- endmacro %}
