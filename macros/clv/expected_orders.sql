{#
    Orders to be expected in so many days of who is still there: the mean over p, by the rows of fct_clv_nodes, of
    (1 - (1 + p t / (alpha + T))^-(r + x)) / p. For a tiny p t the difference from 1 would lose its digits, so there it
    is the series: its next term is below 1e-17 of the whole.
#}
{% macro expected_orders_if_there(days) -%}
    {%- set u = 'p * (' ~ days ~ ') / at_end' -%}
    sum(weight * case
        when (r_x + 1e0) * {{ u }} < 1e-4
            then r_x * ({{ days }}) / at_end * (
                1e0 - (r_x + 1e0) / 2e0 * {{ u }}
                * (1e0 - (r_x + 2e0) / 3e0 * {{ u }} * (1e0 - (r_x + 3e0) / 4e0 * {{ u }}))
            )
        else (1e0 - exp(greatest(-r_x * ln(1e0 + {{ u }}), -300e0))) / p
    end)
{%- endmacro %}
