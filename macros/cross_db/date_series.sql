{% macro date_series(first_date, last_date, step) -%}
    {%- set interval = "interval '3 month'" if step == 'quarter' else "interval '1 " ~ step ~ "'" -%}
    {{ return(adapter.dispatch('date_series', 'customer_lifecycle')(first_date, last_date, interval)) }}
{%- endmacro %}

{% macro default__date_series(first_date, last_date, interval) -%}
    cast(unnest(generate_series(
        cast({{ first_date }} as timestamp), cast({{ last_date }} as timestamp), {{ interval }}
    )) as date)
{%- endmacro %}

{% macro postgres__date_series(first_date, last_date, interval) -%}
    cast(generate_series(
        cast({{ first_date }} as timestamp), cast({{ last_date }} as timestamp), {{ interval }}
    ) as date)
{%- endmacro %}

{% macro spark__date_series(first_date, last_date, interval) -%}
    explode(sequence({{ first_date }}, {{ last_date }}, {{ interval }}))
{%- endmacro %}
