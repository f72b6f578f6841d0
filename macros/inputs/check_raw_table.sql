{# The values as they arrived are what rejected rows are shown with, and what decides ties between versions. #}
{% macro check_raw_table(table, relation, condition=none) -%}
    {%- set contract = raw_tables()[table] -%}
    {%- set families = families_as_read(table, relation) -%}
    {%- set decimal = project_settings().raw_csv.get('decimal', '.') -%}
    {%- set numbers = ['money', 'seconds', 'score', 'count'] -%}
    {#- any text is a text, but not every number is an identifier -#}
    {%- set always_reads = [] -%}
    {%- for column in contract.columns if column.reads_as in ['label', 'keyword', 'currency']
        or column.reads_as == 'id' and families[column.name] == 'text' -%}
        {%- do always_reads.append(column.name) -%}
    {%- endfor -%}
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
        {%- if column.name not in always_reads %}
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
        {%- set family = families[column.name] %}
        {%- set prefix = '' if column.name == contract.event_time else column.name ~ '_' %}
        {%- set has_time = prefix ~ 'has_time_of_day' %}
        {{ business_date(column.name, has_time if family == 'text' else family != 'date') }} as {{ column.date }},
        {%- endfor %}
        case
        {%- for column in contract.columns if column.required %}
            when {{ 'not has_' ~ column.name if column.name not in always_reads else column.name ~ ' is null' }}
                then 'missing_{{ column.name }}'
        {%- endfor %}
        {%- for column in contract.columns if column.name not in always_reads %}
            when has_{{ column.name }} and {{ column.name }} is null then 'invalid_{{ column.name }}'
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

{% macro families_as_read(table, relation) -%}
    {%- set suitable = {
        'id': ['number', 'double'],
        'time': ['date', 'timestamp', 'instant'],
        'flag': ['boolean', 'number', 'double'],
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
