{# The least value that a share of all values does not exceed; nulls do not count. The share is a number. #}
{% macro percentile_disc(expression, share) -%}
    {{ return(adapter.dispatch('percentile_disc', 'customer_lifecycle')(expression, share)) }}
{%- endmacro %}

{% macro default__percentile_disc(expression, share) -%}
    percentile_disc({{ sql_number(share) }}) within group (order by {{ expression }})
{%- endmacro %}

{# BigQuery: Navigation functions; as an aggregate there is none. So it is an element of a sorted array. #}
{% macro bigquery__percentile_disc(expression, share) -%}
    array_agg({{ expression }} ignore nulls order by {{ expression }})[safe_offset(
        {{ "0" if share == 0 else
            "cast(ceil(cast('" ~ share ~ "' as numeric) * count(" ~ expression ~ ")) as int64) - 1" }}
    )]
{%- endmacro %}

{# Redshift: PERCENTILE_DISC window function. As an aggregate it has the approximate one alone. #}
{% macro redshift__percentile_disc(expression, share) -%}
    {{ exceptions.raise_compiler_error(
        'percentile_disc: ' ~ target.type ~ ' has no exact aggregate of this kind, and its approximate one would give'
        ~ ' other groups.'
    ) }}
{%- endmacro %}
