{#
    The month of a date as a language writes it: Jul 2024; 2024년 7월; 2024年7月. Null for null.
#}
{% macro month_text(date, language) -%}
    {%- set text = dbt.type_string() -%}
    {%- set year = 'cast(cast(extract(year from ' ~ date ~ ') as bigint) as ' ~ text ~ ')' -%}
    {%- set month = 'cast(cast(extract(month from ' ~ date ~ ') as bigint) as ' ~ text ~ ')' -%}
    {%- if language == 'ko' -%}
        {{ year }} || '년 ' || {{ month }} || '월'
    {%- elif language == 'zh' -%}
        {{ year }} || '年' || {{ month }} || '月'
    {%- else -%}
        {{ english_month(date) }} || ' ' || {{ year }}
    {%- endif -%}
{%- endmacro %}
