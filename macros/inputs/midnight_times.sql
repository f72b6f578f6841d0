{% macro midnight_times(table, column, relation, has_time_of_day, business_date) -%}
    select
        brand_id,
        '{{ table }}' as source_table,
        '{{ column }}' as column_name,
        count(*) as timed_rows,
        count(case when {{ is_midnight(column) }} then 1 end) as midnight_rows,
        min({{ column }}) as first_time,
        min({{ business_date }}) as first_date
    from {{ relation }}
    where {{ has_time_of_day }}
    group by brand_id
{%- endmacro %}
