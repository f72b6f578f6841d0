{#
    e to a power. Beyond the range of a double some engines give an error and some infinity or zero, so the exponent
    stays within a limit: 300, where the result is multiplied with others, and 700 where it is not.
#}
{% macro clamped_exp(exponent, limit=300) -%}
    exp(greatest(least({{ exponent }}, {{ limit }}), -{{ limit }}))
{%- endmacro %}

{#
    What the logarithm of the gamma function, and its first and second derivative, grow by from z to z + q, both above
    zero: the asymptotic series (Abramowitz and Stegun 6.1.41, 6.3.18, 6.4.12) at z + 8, where five terms give fourteen
    digits, and the recurrence down to z. As differences, because both ends are large where what lies between is small.
#}
{% macro log_gamma_growth(z, q) -%}
    (
        ({{ z }} + 7.5e0) * ln(1e0 + {{ q }} / ({{ z }} + 8e0)) + {{ q }} * ln({{ z }} + {{ q }} + 8e0) - {{ q }}
        + {{ _log_gamma_tail(z ~ ' + ' ~ q) }} - {{ _log_gamma_tail(z) }}
        {%- for i in range(8) %}
        - ln(1e0 + {{ q }} / ({{ z }} + {{ i }}e0))
        {%- endfor %}
    )
{%- endmacro %}

{% macro digamma_growth(z, q) -%}
    (
        ln(1e0 + {{ q }} / ({{ z }} + 8e0)) + {{ _digamma_tail(z ~ ' + ' ~ q) }} - {{ _digamma_tail(z) }}
        {%- for i in range(8) %}
        + {{ q }} / (({{ z }} + {{ i }}e0) * ({{ z }} + {{ q }} + {{ i }}e0))
        {%- endfor %}
    )
{%- endmacro %}

{% macro trigamma(z) -%}
    (
        (
            1e0 + 0.5e0 / ({{ z }} + 8e0)
            + (1e0 / 6e0 - (1e0 / 30e0 - (1e0 / 42e0 - (1e0 / 30e0 - 5e0 / 66e0 / {{ _squared(z) }})
            / {{ _squared(z) }}) / {{ _squared(z) }}) / {{ _squared(z) }}) / {{ _squared(z) }}
        ) / ({{ z }} + 8e0)
        {%- for i in range(8) %}
        + 1e0 / (({{ z }} + {{ i }}e0) * ({{ z }} + {{ i }}e0))
        {%- endfor %}
    )
{%- endmacro %}

{% macro _log_gamma_tail(z) -%}
    (1e0 / 12e0 - (1e0 / 360e0 - (1e0 / 1260e0 - (1e0 / 1680e0 - 1e0 / 1188e0 / {{ _squared(z) }})
    / {{ _squared(z) }}) / {{ _squared(z) }}) / {{ _squared(z) }}) / ({{ z }} + 8e0)
{%- endmacro %}

{% macro _digamma_tail(z) -%}
    (
        -0.5e0 / ({{ z }} + 8e0)
        - (1e0 / 12e0 - (1e0 / 120e0 - (1e0 / 252e0 - (1e0 / 240e0 - 1e0 / 132e0 / {{ _squared(z) }})
        / {{ _squared(z) }}) / {{ _squared(z) }}) / {{ _squared(z) }}) / {{ _squared(z) }}
    )
{%- endmacro %}

{% macro _squared(z) -%} (({{ z }} + 8e0) * ({{ z }} + 8e0)) {%- endmacro %}
