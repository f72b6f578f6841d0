{% macro trailing_year_sum(expression) -%}
    case period_grain
        {%- for grain, periods in {'week': 52, 'month': 12, 'quarter': 4, 'year': 1}.items() %}
        when '{{ grain }}' then sum({{ expression }}) over (
            partition by brand_id, period_grain
            order by period_start rows between {{ periods - 1 }} preceding and current row
        )
        {%- endfor %}
    end
{%- endmacro %}
