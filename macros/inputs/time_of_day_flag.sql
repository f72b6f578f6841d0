{% macro time_of_day_flag(table, column) -%}
    {{ return('has_time_of_day' if column == raw_tables()[table].event_time else column ~ '_has_time_of_day') }}
{%- endmacro %}
