{#
    The chance that a customer is still there, from the columns of clv_posterior_columns. The odds of having left after
    the last order date are those of leaving at all, a to b_x - 1, times what the silence since then makes of them.
    Without a chance to leave it is 1.
#}
{% macro chance_to_be_there() -%}
    case
        when a is null then null
        when chances_to_leave = 0 then 1e0
        else 1e0 / (1e0 + {{ clamped_exp(
                'rate_dates * (ln(rate_days) - ln(rate_days_at_last_order)) + ln(a) - ln(b_x - 1)', 700
            ) }})
    end
{%- endmacro %}
