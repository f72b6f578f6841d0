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

{% macro _squared(z) -%} (({{ z }} + 8e0) * ({{ z }} + 8e0)) {%- endmacro %}
