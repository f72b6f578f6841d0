{#
    What a model knows of customers once their history is in: the chance to leave is beta distributed with a and b_x,
    and while they are there the rate of order dates is gamma distributed with rate_dates and rate_days.
#}
{% macro clv_posterior_columns(histories, parameters) -%}
    {{ histories }}.x + {{ early_chances(parameters ~ '.model') }} as chances_to_leave,
    {{ parameters }}.a,
    {{ parameters }}.b + {{ histories }}.x + {{ early_chances(parameters ~ '.model') }} as b_x,
    {{ parameters }}.r + {{ histories }}.x as rate_dates,
    {{ parameters }}.alpha + {{ histories }}.observed_days as rate_days,
    {{ parameters }}.alpha + {{ histories }}.t_x as rate_days_at_last_order
{%- endmacro %}
