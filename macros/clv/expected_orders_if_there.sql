{#
    Expected orders in t days of a customer who is still there and leaves after each with chance p:
    (1 - (1 + u)^-(r + x)) / p, with u = p t / (alpha + T). For a tiny u the difference from 1 would lose its digits, so
    a series replaces it, whose next term is below 1e-17 of the whole.
#}
{% macro expected_orders_if_there(r_x, p, u, no_order) -%}
    case
        when ({{ r_x }} + 1e0) * {{ u }} < 1e-4
            then {{ r_x }} * {{ u }} / {{ p }} * (
                1e0 - ({{ r_x }} + 1e0) / 2e0 * {{ u }}
                * (1e0 - ({{ r_x }} + 2e0) / 3e0 * {{ u }} * (1e0 - ({{ r_x }} + 3e0) / 4e0 * {{ u }}))
            )
        else (1e0 - {{ no_order }}) / {{ p }}
    end
{%- endmacro %}
