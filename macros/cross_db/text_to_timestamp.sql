{% macro text_to_timestamp(expression) -%}
    {{ return(adapter.dispatch('text_to_timestamp', 'customer_lifecycle')(expression)) }}
{%- endmacro %}

{% macro default__text_to_timestamp(expression) -%}
    case when left({{ expression }}, 4) > '0000' then try_cast({{ expression }} as timestamp) end
{%- endmacro %}

{#
    There is no try_cast before Postgres 16: the day is checked against the length of its month, the number of days from
    the first of the month to the first of the next.
#}
{% macro postgres__text_to_timestamp(expression) -%}
    {%- set month = "substr(" ~ expression ~ ", 6, 2)" -%}
    case
        when left({{ expression }}, 4) > '0000' and {{ month }} between '01' and '12'
            and substr({{ expression }}, 9, 2) >= '01'
            and cast(substr({{ expression }}, 9, 2) as integer) <= extract(
                day from (left({{ expression }}, 7) || '-01')::date + interval '1 month' - interval '1 day'
            )
            then ({{ expression }})::timestamp
    end
{%- endmacro %}

{# BigQuery: Conversion functions, SAFE_CAST; a time has its seconds, and is in UTC unless it says otherwise. #}
{% macro bigquery__text_to_timestamp(expression) -%}
    case
        when left({{ expression }}, 4) > '0000'
            then safe_cast(
                {{ expression }} || case when length({{ expression }}) = 16 then ':00' else '' end as timestamp
            )
    end
{%- endmacro %}

{# Redshift: TRY_CAST function. What Postgres has needs conditions that are worked out in their order. #}
{% macro redshift__text_to_timestamp(expression) -%} {{ default__text_to_timestamp(expression) }} {%- endmacro %}
