{#- A value without a time of day is a day, and a day is compared with days alone. -#}
{% macro lies_before(time, other, table, families) -%}
    {%- set have_times = [] -%}
    {%- for column in [time, other] -%}
        {%- do have_times.append(has_time_of_day(table, column, families)) -%}
    {%- endfor -%}
    {%- set by_instant = time ~ ' < ' ~ other -%}
    {%- set by_date = 'cast(' ~ time ~ ' as date) < cast(' ~ other ~ ' as date)' -%}
    {%- if false in have_times -%}
        {{ by_date }}
    {%- else -%}
        {%- set conditions = have_times | reject('sameas', true) | list -%}
        {%- if conditions -%}
            case when {{ conditions | join(' and ') }} then {{ by_instant }} else {{ by_date }} end
        {%- else -%}
            {{ by_instant }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
