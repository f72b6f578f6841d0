{# The values as they arrived are what rejected rows are shown with, and what decides ties between versions. #}
{% macro check_raw_table(table, relation, condition=none) -%}
    {%- set contract = raw_tables()[table] -%}
    {%- set families = families_as_read(table, relation) -%}
    {%- set reads_as_text = ['id', 'label', 'keyword', 'currency'] -%}
with arrived as (

    select * from {{ relation }}

),

trimmed as (

    select
        {%- for column in contract.columns %}
        {{ column.name }} as raw_{{ column.name }},
        {%- endfor %}
        {%- for column in contract.columns %}
        {%- if families[column.name] == 'text' %}
        {{ clean_text('cast(' ~ column.name ~ ' as ' ~ dbt.type_string() ~ ')') }} as {{ column.name }}
        {%- else %}
        {{ column.name }}
        {%- endif %}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from arrived
    {%- if condition %}
    where {{ condition }}
    {%- endif %}

),

typed as (

    select
        {%- for column in contract.columns %}
        raw_{{ column.name }},
        {%- endfor %}
        {%- for column in contract.columns %}
        {%- if column.reads_as not in reads_as_text %}
        {{ column.name }} is not null as has_{{ column.name }},
        {%- endif %}
        {%- endfor %}
        {%- set event_family = families[contract.event_time] %}
        {% if event_family == 'text' -%}
        length({{ contract.event_time }}) > 10
        {%- else -%}
        {{ contract.event_time }} is not null and {{ event_family != 'date' }}
        {%- endif %} as has_time_of_day,
        {%- for column in contract.columns if column.date is defined and column.name != contract.event_time
            and families[column.name] == 'text' %}
        length({{ column.name }}) > 10 as {{ column.name }}_has_time_of_day,
        {%- endfor %}
        {%- for column in contract.columns %}
        {{ parse_column(column, column.name, families[column.name]) }} as {{ column.name }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from trimmed

),

checked as (

    select
        *,
        {%- for column in contract.columns if column.date is defined %}
        {{ business_date(column.name, has_time_of_day(column.name, contract, families)) }} as {{ column.date }},
        {%- endfor %}
        case
        {%- for column in contract.columns if column.required %}
            when {{ 'not has_' ~ column.name if column.reads_as not in reads_as_text else column.name ~ ' is null' }}
                then 'missing_{{ column.name }}'
        {%- endfor %}
        {%- for column in contract.columns if column.reads_as not in reads_as_text %}
            when has_{{ column.name }} and {{ column.name }} is null then 'invalid_{{ column.name }}'
            {%- if column.not_before is defined %}
            when {{ lies_before(column.name, column.not_before, contract, families) }} then 'invalid_{{ column.name }}'
            {%- endif %}
        {%- endfor %}
            when brand_id not in ({{ sql_text_list(brand_settings() | list) }}) then 'unknown_brand'
        {%- if table == 'orders' %}
            when currency <> {{ brand_value('currency') }} then 'currency_mismatch'
        {%- endif %}
        end as rejection_reason
    from typed

)

-- the offset keeps the engines from working every check out again for each condition that is put on the result
select * from checked
offset 0
{%- endmacro %}

{#- A column of `typed`, or true or false where the type of the raw column says it of every row. -#}
{% macro has_time_of_day(column, contract, families) -%}
    {%- if families[column] != 'text' -%}
        {{ return(families[column] != 'date') }}
    {%- endif -%}
    {{ return('has_time_of_day' if column == contract.event_time else column ~ '_has_time_of_day') }}
{%- endmacro %}

{#- A value without a time of day is a day, and a day is compared with days alone. -#}
{% macro lies_before(time, other, contract, families) -%}
    {%- set have_times = [] -%}
    {%- for column in [time, other] -%}
        {%- do have_times.append(has_time_of_day(column, contract, families)) -%}
    {%- endfor -%}
    {%- set by_instant = time ~ ' < ' ~ other -%}
    {%- set by_date = 'cast(' ~ time ~ ' as date) < cast(' ~ other ~ ' as date)' -%}
    {%- if false in have_times -%}
        {{ by_date }}
    {%- else -%}
        {%- set conditions = have_times | reject('sameas', true) | list -%}
        {%- if conditions -%}
            case when {{ conditions | join(' and ') }} then {{ by_instant }} else {{ by_date }} end
        {%- else -%}
            {{ by_instant }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{% macro families_as_read(table, relation) -%}
    {%- set suitable = {
        'time': ['date', 'timestamp', 'instant'],
        'flag': ['boolean'],
        'money': ['number', 'double'],
        'seconds': ['number', 'double'],
        'score': ['number', 'double'],
        'count': ['number', 'double'],
    } -%}
    {%- set types = raw_columns(relation) -%}
    {%- set families = {} -%}
    {%- for column in raw_tables()[table].columns -%}
        {%- set family = column_family(types[column.name].type) if types else 'text' -%}
        {%- do families.update({
            column.name: family if family in suitable.get(column.reads_as, []) else 'text'
        }) -%}
    {%- endfor -%}
    {{ return(families) }}
{%- endmacro %}
