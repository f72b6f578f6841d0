{% macro digamma_growth(z, q) -%}
    (
        ln(1e0 + {{ q }} / ({{ z }} + 8e0)) + {{ _digamma_tail(z ~ ' + ' ~ q) }} - {{ _digamma_tail(z) }}
        {%- for i in range(8) %}
        + {{ q }} / (({{ z }} + {{ i }}e0) * ({{ z }} + {{ q }} + {{ i }}e0))
        {%- endfor %}
    )
{%- endmacro %}

{% macro _digamma_tail(z) -%}
    (
        -0.5e0 / ({{ z }} + 8e0)
        - (1e0 / 12e0 - (1e0 / 120e0 - (1e0 / 252e0 - (1e0 / 240e0 - 1e0 / 132e0 / {{ _squared(z) }})
        / {{ _squared(z) }}) / {{ _squared(z) }}) / {{ _squared(z) }}) / {{ _squared(z) }}
    )
{%- endmacro %}
