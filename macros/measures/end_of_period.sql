{% macro end_of_period(grain_column, date) -%}
    case {{ grain_column }}
    {%- for grain in period_grains() %}
        when '{{ grain }}' then cast({{ dbt.last_day(date, grain) }} as date)
    {%- endfor %}
    end
{%- endmacro %}
