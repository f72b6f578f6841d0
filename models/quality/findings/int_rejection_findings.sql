{#- the loops: tables and columns come from the contract of the raw tables -#}
{#- how a column must look, by what it reads as -#}
{%- set forms = {
    'time': 'A date is written 2026-06-30, a time 2026-06-30 14:00:00, with Z or an offset such as +09:00 behind it.',
    'money': 'An amount is a number such as 1234.50: not negative, without thousands separator and currency sign.',
    'seconds': 'A duration is a number of seconds such as 90.5, not negative.',
    'score': 'A score is a number from 0 to 10; bring other scales to it first.',
    'count': 'A count is a whole number, not negative.',
    'flag': 'Write true or false, yes or no, 1 or 0.',
} -%}
{%- set hints = {} -%}
{%- set columns = ['line'] -%}
{%- for contract in raw_tables().values() -%}
    {%- for column in contract.columns -%}
        {%- do columns.append(column.name) -%}
        {%- if column.required -%}
            {%- do hints.update({'missing_' ~ column.name: column.name ~ ' must hold a value.'}) -%}
        {%- endif -%}
        {%- if column.reads_as == 'choice' -%}
            {%- do hints.update({'invalid_' ~ column.name: 'It is one of ' ~ column.choices | join(', ') ~ '.'}) -%}
        {%- elif column.reads_as in forms -%}
            {%- do hints.update({'invalid_' ~ column.name: forms[column.reads_as]}) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endfor -%}
{%- do hints.update({'invalid_ended_at': forms.time ~ ' An end does not lie before its start.'}) -%}

-- the first row is the one that sorts first as JSON, which begins with its key
with rejected as (

    select
        source_table,
        coalesce(brand_id, '(missing)') as brand_id,
        reason,
        count(*) as row_count,
        min({{ byte_order('raw_row') }}) as first_row
    from {{ ref('rejected_rows') }}
    group by source_table, coalesce(brand_id, '(missing)'), reason

),

unknown as (

    select distinct
        'brands' as scope,
        brand_id as spelling
    from rejected
    where reason = 'unknown_brand'

),

brand_settings as (

    select
        brand_id,
        value as currency
    from {{ ref('brand_settings') }}
    where setting = 'currency'

),

known as (

    select
        'brands' as scope,
        brand_id as spelling
    from brand_settings

),

nearest as (

    {{ nearest_names('unknown', 'known') | indent(4) }}

),

valued as (

    select
        *,
        case
            when reason like 'invalid~_%' escape '~' then substr(reason, 9)
            when reason = 'currency_mismatch' then 'currency'
            when reason = 'malformed_row' then 'line'
        end as wrong_column
    from rejected
    where reason <> 'unknown_brand'

)

select
    rejected.brand_id,
    rejected.source_table,
    'unknown_brand' as finding,
    rejected.row_count,
    {{ sql_text("'") }} || rejected.brand_id || {{ sql_text("'") }} as example,
    'There are no settings for this brand, so its rows are rejected'
    || coalesce(
        {{ sql_text("; did you mean '") }} || nearest.nearest || {{ sql_text("'?") }}, ': add it under brands in vars.'
    ) as hint
from rejected
left join nearest
    on rejected.brand_id = nearest.spelling
where rejected.reason = 'unknown_brand'

union all

select
    valued.brand_id,
    valued.source_table,
    'first_bad_value:' || valued.reason,
    valued.row_count,
    case
        when valued.wrong_column is null then valued.first_row
        else
            {{ sql_text("'") }} || case valued.wrong_column
                {%- for column in columns | unique %}
                when '{{ column }}' then {{ json_text_value('valued.first_row', column) }}
                {%- endfor %}
            end || {{ sql_text("'") }}
    end,
    case
        {%- for hint in hints.values() | unique %}
        {%- set reasons = [] %}
        {%- for reason, its_hint in hints.items() if its_hint == hint %}
        {%- do reasons.append(reason) %}
        {%- endfor %}
        when valued.reason in ({{ sql_text_list(reasons) }}) then {{ sql_text(hint) }}
        {%- endfor %}
        when valued.reason = 'currency_mismatch'
            then
                {{ sql_text("The brand's currency is ") }} || brand_settings.currency
                || ': convert other currencies, or make a brand of each.'
        else 'Correct the row at its source.'
    end
from valued
left join brand_settings
    on valued.brand_id = brand_settings.brand_id
