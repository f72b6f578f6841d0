{#
    The chance of an order date at least within so many days: of who is there, and orders at a rate that is gamma
    distributed with r + x and alpha + T. What is left of 1 is taken from a series where it is small and a difference
    would lose its digits; the next term is below 1e-17 of the whole.
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
