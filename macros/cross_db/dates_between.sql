{# The whole query and no expression of a select list, as some engines make rows in a `from` alone. #}
{% macro dates_between(relation, columns, first_date, last_date, step, name) -%}
    {{ return(adapter.dispatch('dates_between', 'customer_lifecycle')(
        relation, columns | map('string') | join(', ') ~ (', ' if columns else ''), first_date, last_date, step, name
    )) }}
{%- endmacro %}

{% macro _step_interval(step) -%}
    {{- "interval '3 month'" if step == 'quarter' else "interval '1 " ~ step ~ "'" -}}
{%- endmacro %}

{% macro default__dates_between(relation, columns, first_date, last_date, step, name) -%}
    select
        {{ columns }}cast(unnest(generate_series(
            cast({{ first_date }} as timestamp), cast({{ last_date }} as timestamp), {{ _step_interval(step) }}
        )) as date) as {{ name }}
    from {{ relation }}
{%- endmacro %}

{% macro postgres__dates_between(relation, columns, first_date, last_date, step, name) -%}
    select
        {{ columns }}cast(generate_series(
            cast({{ first_date }} as timestamp), cast({{ last_date }} as timestamp), {{ _step_interval(step) }}
        ) as date) as {{ name }}
    from {{ relation }}
{%- endmacro %}

{% macro spark__dates_between(relation, columns, first_date, last_date, step, name) -%}
    select {{ columns }}explode(sequence({{ first_date }}, {{ last_date }}, {{ _step_interval(step) }})) as {{ name }}
    from {{ relation }}
{%- endmacro %}

{# BigQuery: Array functions, GENERATE_DATE_ARRAY. #}
{% macro bigquery__dates_between(relation, columns, first_date, last_date, step, name) -%}
    select {{ columns }}{{ name }}
    from {{ relation }}
    cross join unnest(generate_date_array({{ first_date }}, {{ last_date }}, interval 1 {{ step }})) as {{ name }}
{%- endmacro %}

{# Snowflake: ARRAY_GENERATE_RANGE, without its end; FLATTEN. DATEDIFF counts the steps, as both dates begin one. #}
{% macro snowflake__dates_between(relation, columns, first_date, last_date, step, name) -%}
    select {{ columns }}dateadd({{ step }}, cast(numbers.value as integer), {{ first_date }}) as {{ name }}
    from {{ relation }}
    cross join lateral flatten(
        input => array_generate_range(0, datediff({{ step }}, {{ first_date }}, {{ last_date }}) + 1)
    ) as numbers
{%- endmacro %}

{#
    Redshift: generate_series is of the leader node, which reads no table; so numbers are put together from digits. More
    than 100,000 steps end in a division by zero and not in fewer dates.
#}
{% macro redshift__dates_between(relation, columns, first_date, last_date, step, name) -%}
    {%- set steps = 'datediff(' ~ step ~ ', ' ~ first_date ~ ', ' ~ last_date ~ ')' -%}
    select
        {{ columns }}cast(dateadd(
            {{ step }}, numbers.number / case when {{ steps }} < 100000 then 1 else 0 end, {{ first_date }}
        ) as date) as {{ name }}
    from {{ relation }}
    inner join (
        select {% for i in range(5) %}{{ 10 ** i }} * d{{ i }}.digit{{ ' + ' if not loop.last }}{% endfor %} as number
        from {% for i in range(5) %}{{ 'cross join ' if i }}{{ values_table(range(10), 'd' ~ i, 'digit') }} {% endfor %}
    ) as numbers on numbers.number <= {{ steps }}
{%- endmacro %}
