-- as_of_date lies after today in every brand's time zone: a typing error in an order's time, or in the var.
-- Warns, because everything is then measured at a future day.
-- Rows: as_of_date, and today in the time zone furthest ahead.
{{ config(severity='warn') }}
{%- set now = "cast('" ~ run_started_at.strftime('%Y-%m-%d %H:%M:%S') ~ "' as timestamp)" %}

with clocks as (

    {% for brand_id in brand_settings() -%}
    select {{ business_date(now, true, sql_text(brand_id)) }} as today
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

latest as (

    select max(today) as today
    from clocks

)

select
    as_of_date.as_of_date,
    latest.today
from {{ ref('as_of_date') }} as as_of_date
inner join latest
    on as_of_date.as_of_date > latest.today
