{# The values as they arrived are what rejected rows are shown with, and what decides ties between versions. #}
{% macro check_raw_table(table, relation, condition=none) -%}
    {%- set contract = raw_tables()[table] -%}
    {%- set families = families_as_read(table, relation) -%}
    {%- set types = raw_columns(relation) -%}
    {#- the times of which midnight means a date to some brand -#}
    {%- set at_midnight = [] -%}
    {%- for column in dated_columns()[table] if brands_with_dates_at_midnight(table, column) -%}
        {%- do at_midnight.append(column) -%}
    {%- endfor -%}
    {%- set has_decimal_comma = project_settings().raw_csv.get('decimal', '.') == ',' -%}
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
        {%- set is_instant = types and column_family(types[column.name].type) == 'instant' %}
        {% if is_instant -%}
        {{ instant_text(column.name) }}
        {%- elif families[column.name] == 'boolean' -%}
        {{ raw_boolean(column.name) }}
        {%- else -%}
        {{ column.name }}
        {%- endif %} as raw_{{ column.name }},
        {%- endfor %}
        {%- for column in contract.columns %}
        {%- if families[column.name] == 'text' %}
        {%- set text = clean_text('cast(' ~ column.name ~ ' as ' ~ dbt.type_string() ~ ')') %}
        {%- if has_decimal_comma and column.reads_as in ['money', 'seconds', 'score', 'count'] %}
        {#- the two change places, so that a point, which is then no decimal mark, does not read -#}
        {%- set text = 'translate(' ~ text ~ ", ',.', '.,')" %}
        {%- endif %}
        {{ text }} as {{ column.name }}
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
        {%- for column in contract.columns if column.date is defined %}
        {%- set family = families[column.name] %}
        {% if family == 'text' -%}
        length({{ column.name }}) > 10
        {%- else -%}
        {{ column.name }} is not null and {{ family != 'date' }}
        {%- endif %} as {{ time_of_day_flag(table, column.name) ~ ('_as_written' if column.name in at_midnight) }},
        {%- endfor %}
        {%- for column in contract.columns %}
        {{ parse_column(column, column.name, families[column.name]) }} as {{ column.name }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from trimmed

),

{% if at_midnight -%}
timed as (

    select
        *,
        {%- for column in at_midnight %}
        {{ time_of_day_flag(table, column) }}_as_written and not {{ is_date_at_midnight(table, column, column) }}
            as {{ time_of_day_flag(table, column) }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from typed

),

{% endif -%}
checked as (

    select
        *,
        {%- for column in contract.columns if column.date is defined %}
        {{ business_date(column.name, has_time_of_day(table, column.name, families)) }} as {{ column.date }},
        {%- endfor %}
        case
        {%- for column in contract.columns if column.required %}
            when {{ 'not has_' ~ column.name if column.name not in always_reads else column.name ~ ' is null' }}
                then 'missing_{{ column.name }}'
        {%- endfor %}
        {%- for column in contract.columns if column.name not in always_reads %}
            when has_{{ column.name }} and {{ column.name }} is null then 'invalid_{{ column.name }}'
            {%- if column.not_before is defined %}
            when {{ lies_before(column.name, column.not_before, table, families) }} then 'invalid_{{ column.name }}'
            {%- endif %}
        {%- endfor %}
            when brand_id not in ({{ sql_text_list(brand_settings() | list) }}) then 'unknown_brand'
        {%- if table == 'orders' %}
            when currency <> {{ brand_value('currency') }} then 'currency_mismatch'
        {%- endif %}
        end as rejection_reason
    from {{ 'timed' if at_midnight else 'typed' }}

)

select * from checked
{{ computed_once() }}
{%- endmacro %}
