{# Beyond the range of a double some engines give an error and some infinity or zero. #}
{% macro clamped_exp(exponent) -%}
    exp(greatest(least({{ exponent }}, 300), -300))
{%- endmacro %}

{#
    Logarithm of the gamma function, and its first two derivatives, of z > 0: the asymptotic series (Abramowitz and
    Stegun 6.1.41, 6.3.18, 6.4.12) at z + 8, where five terms give fourteen digits, and the recurrence down to z.
#}
{% macro log_gamma(z) -%}
    (
        ({{ z }} + 7.5e0) * ln({{ z }} + 8e0) - ({{ z }} + 8e0) + 0.9189385332046727e0
        + (1e0 / 12e0 - (1e0 / 360e0 - (1e0 / 1260e0 - (1e0 / 1680e0 - 1e0 / 1188e0 / {{ _squared(z) }})
        / {{ _squared(z) }}) / {{ _squared(z) }}) / {{ _squared(z) }}) / ({{ z }} + 8e0)
        - ln({{ z }})
        {%- for i in range(1, 8) %} - ln({{ z }} + {{ i }}e0){% endfor %}
    )
{%- endmacro %}

{% macro digamma(z) -%}
    (
        ln({{ z }} + 8e0) - 0.5e0 / ({{ z }} + 8e0)
        - (1e0 / 12e0 - (1e0 / 120e0 - (1e0 / 252e0 - (1e0 / 240e0 - 1e0 / 132e0 / {{ _squared(z) }})
        / {{ _squared(z) }}) / {{ _squared(z) }}) / {{ _squared(z) }}) / {{ _squared(z) }}
        - 1e0 / ({{ z }})
        {%- for i in range(1, 8) %} - 1e0 / ({{ z }} + {{ i }}e0){% endfor %}
    )
{%- endmacro %}

{% macro trigamma(z) -%}
    (
        (
            1e0 + 0.5e0 / ({{ z }} + 8e0)
            + (1e0 / 6e0 - (1e0 / 30e0 - (1e0 / 42e0 - (1e0 / 30e0 - 5e0 / 66e0 / {{ _squared(z) }})
            / {{ _squared(z) }}) / {{ _squared(z) }}) / {{ _squared(z) }}) / {{ _squared(z) }}
        ) / ({{ z }} + 8e0)
        + 1e0 / (({{ z }}) * ({{ z }}))
        {%- for i in range(1, 8) %} + 1e0 / (({{ z }} + {{ i }}e0) * ({{ z }} + {{ i }}e0)){% endfor %}
    )
{%- endmacro %}

{% macro _squared(z) -%} (({{ z }} + 8e0) * ({{ z }} + 8e0)) {%- endmacro %}
