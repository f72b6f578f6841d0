{#
    How often a customer may have left by their first order date: never in BG/NBD, once in MBG/NBD. It is all that
    tells the two apart: by the time of x repeat order dates a customer has had x + this many chances to leave.
    Takes: an expression of the model's name. Gives: an expression of a whole number.
#}
{% macro early_chances(model) -%}
    case when {{ model }} = 'mbg_nbd' then 1 else 0 end
{%- endmacro %}

{#
    What a model knows of customers once their history is in: the chance to leave is beta distributed with a and b_x,
    and while they are there the rate of order dates is gamma distributed with rate_dates and rate_days.
    Takes: the aliases of a relation with x, t_x and observed_days, and of fct_clv_parameters. Gives: columns.
#}
{% macro clv_posterior_columns(histories, parameters) -%}
    {{ histories }}.x + {{ early_chances(parameters ~ '.model') }} as chances_to_leave,
    {{ parameters }}.a,
    {{ parameters }}.b + {{ histories }}.x + {{ early_chances(parameters ~ '.model') }} as b_x,
    {{ parameters }}.r + {{ histories }}.x as rate_dates,
    {{ parameters }}.alpha + {{ histories }}.observed_days as rate_days,
    {{ parameters }}.alpha + {{ histories }}.t_x as rate_days_at_last_order
{%- endmacro %}

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

{#
    The chance of an order date at least within so many days: of who is there, and orders at a rate that is gamma
    distributed with r + x and alpha + T. What is left of 1 is taken from a series where it is small and a difference
    would lose its digits; the next term is below 1e-17 of the whole.
    Takes: expressions of the chance to be there, r + x, alpha + T and the days. Gives: null where one of them is.
#}
{% macro chance_to_order(p_alive, rate_dates, rate_days, days) -%}
    {%- set exponent -%} ({{ rate_dates }} * ln(1e0 + {{ days }} / {{ rate_days }})) {%- endset -%}
    {{ p_alive }} * case
        when {{ exponent }} < 1e-4
            then {{ exponent }} * (1e0 - {{ exponent }} / 2e0 * (1e0 - {{ exponent }} / 3e0 * (1e0 - {{ exponent }} / 4e0)))
        when {{ exponent }} >= 1e-4 then 1e0 - {{ clamped_exp('-' ~ exponent, 700) }}
    end
{%- endmacro %}
