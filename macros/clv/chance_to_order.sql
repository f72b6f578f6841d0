{#
    The chance of at least one order date within so many days, for a customer who is still there and whose order rate
    is gamma distributed with r + x and alpha + T. Where the chance is small, a difference from 1 would lose its digits,
    so it comes from a series, whose next term is below 1e-17 of the whole.
#}
{% macro chance_to_order(p_alive, rate_dates, rate_days, days) -%}
    {%- set exponent -%} ({{ rate_dates }} * ln(1e0 + {{ days }} / {{ rate_days }})) {%- endset -%}
    {{ p_alive }} * case
        when {{ exponent }} < 1e-4
            then {{ exponent }} * (
                1e0 - {{ exponent }} / 2e0 * (1e0 - {{ exponent }} / 3e0 * (1e0 - {{ exponent }} / 4e0))
            )
        when {{ exponent }} >= 1e-4 then 1e0 - {{ clamped_exp('-' ~ exponent, 700) }}
    end
{%- endmacro %}
