{#
    A date as a language writes it: Jul 14, 2024; 2024년 7월 14일; 2024年7月14日. Null for null.
#}
{% macro day_text(date, language) -%}
    {%- set text = dbt.type_string() -%}
    {%- set year = 'cast(cast(extract(year from ' ~ date ~ ') as bigint) as ' ~ text ~ ')' -%}
    {%- set month = 'cast(cast(extract(month from ' ~ date ~ ') as bigint) as ' ~ text ~ ')' -%}
    {%- set day = 'cast(cast(extract(day from ' ~ date ~ ') as bigint) as ' ~ text ~ ')' -%}
    {%- if language == 'ko' -%}
        {{ year }} || '년 ' || {{ month }} || '월 ' || {{ day }} || '일'
    {%- elif language == 'zh' -%}
        {{ year }} || '年' || {{ month }} || '月' || {{ day }} || '日'
    {%- else -%}
        {{ english_month(date) }} || ' ' || {{ day }} || ', ' || {{ year }}
    {%- endif -%}
{%- endmacro %}
