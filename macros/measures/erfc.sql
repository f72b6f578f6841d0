{#
    erfcc of Numerical Recipes (Press, Teukolsky, Vetterling, Flannery: Numerical Recipes in C, 2nd edition, 1992,
    chapter 6.2), by Chebyshev's polynomials: off by at most 1.2e-7 of the value everywhere. DuckDB has no erf, and
    Postgres has it from version 16 on only. The polynomial gives 1 + 3e-8 at 0, so the value is capped at 1.
#}
{% macro erfc(x) -%}
    {%- set t = '(1 / (1 + 0.5 * (' ~ x ~ ')))' -%}
    {%- set polynomial -%}
    {{ t }} * exp(
        -({{ x }}) * ({{ x }}) - 1.26551223 + {{ t }} * (
            1.00002368 + {{ t }} * (
                0.37409196 + {{ t }} * (
                    0.09678418 + {{ t }} * (
                        -0.18628806 + {{ t }} * (
                            0.27886807 + {{ t }} * (
                                -1.13520398 + {{ t }} * (
                                    1.48851587 + {{ t }} * (-0.82215223 + {{ t }} * 0.17087277)
                                )
                            )
                        )
                    )
                )
            )
        )
    )
    {%- endset -%}
    case when {{ x }} is not null then {{ least('1', polynomial) }} end
{%- endmacro %}
