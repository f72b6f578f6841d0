{% macro end_of_period(grain_column, date) -%}
    case {{ grain_column }}
    {%- for grain in period_grains() %}
        when '{{ grain }}' then {{ period_end(grain, date) }}
    {%- endfor %}
    end
{%- endmacro %}
