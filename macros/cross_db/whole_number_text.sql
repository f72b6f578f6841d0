{% macro whole_number_text(number) -%}
    {{ return(adapter.dispatch('whole_number_text', 'customer_lifecycle')(number)) }}
{%- endmacro %}

{% macro default__whole_number_text(number) -%}
    format('{:,}', cast({{ number }} as bigint))
{%- endmacro %}

{% macro postgres__whole_number_text(number) -%}
    to_char(cast({{ number }} as bigint), 'FM999,999,999,999,999,990')
{%- endmacro %}

{% macro spark__whole_number_text(number) -%}
    format_number(cast({{ number }} as bigint), 0)
{%- endmacro %}
