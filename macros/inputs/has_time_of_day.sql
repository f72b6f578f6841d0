{#- The flag, or true or false where the type of the raw column says it of every row. -#}
{% macro has_time_of_day(table, column, families) -%}
    {%- if families[column] == 'date' -%}
        {{ return(false) }}
    {%- elif families[column] != 'text' and not brands_with_dates_at_midnight(table, column) -%}
        {{ return(true) }}
    {%- endif -%}
    {{ return(time_of_day_flag(table, column)) }}
{%- endmacro %}
