{% macro percent_text(share) -%}
    {{ decimal_text('round(cast(100 * (' ~ share ~ ') as ' ~ type_decimal(38, 10) ~ '), 1)', 1) }} || '%'
{%- endmacro %}
