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

{% macro _log_gamma_tail(z) -%}
    (1e0 / 12e0 - (1e0 / 360e0 - (1e0 / 1260e0 - (1e0 / 1680e0 - 1e0 / 1188e0 / {{ _squared(z) }})
    / {{ _squared(z) }}) / {{ _squared(z) }}) / {{ _squared(z) }}) / ({{ z }} + 8e0)
{%- endmacro %}
