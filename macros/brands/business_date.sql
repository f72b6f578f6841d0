{% macro business_date(time, has_time_of_day, brand_column='brand_id') -%}
    {%- set groups = brands_by_value('timezone') -%}
    {%- set is_utc_everywhere = groups | length == 1 and groups[0].value == 'UTC' -%}
    {%- if is_utc_everywhere or (has_time_of_day is boolean and not has_time_of_day) -%}
        cast({{ time }} as date)
    {%- else -%}
        case
        {%- if has_time_of_day is not boolean %}
            when not {{ has_time_of_day }} then cast({{ time }} as date)
        {%- endif %}
        {%- for group in groups if group.value != 'UTC' %}
            when {{ brand_column }} in ({{ sql_text_list(group.brands) }})
                then {{ utc_to_local_date(time, group.value) }}
        {%- endfor %}
            else cast({{ time }} as date)
        end
    {%- endif -%}
{%- endmacro %}
