with rejected as (

{%- for table, contract in raw_tables().items() %}
    {%- set row = [] %}
    {%- for column in contract.columns -%}
        {%- do row.append([column.name, 'cast(raw_' ~ column.name ~ ' as ' ~ dbt.type_string() ~ ')']) -%}
    {%- endfor %}

    select
        '{{ table }}' as source_table,
        {{ dbt.hash(row_text(table)) }} as row_hash,
        brand_id,
        rejection_reason as reason,
        {{ json_object_text(row) }} as raw_row
    from {{ ref('base_' ~ table ~ '_checked') }}
    where rejection_reason is not null

    union all
{%- endfor %}

    select
        source_table,
        {{ dbt.hash('malformed_record') }} as row_hash,
        cast(null as {{ dbt.type_string() }}) as brand_id,
        'malformed_row' as reason,
        {{ json_object_text([['line', 'malformed_record']]) }} as raw_row
    from {{ ref('base_csv_records') }}
    where malformed_record is not null

),

numbered as (

    -- identical rows have the same reason, so their order does not matter
    select
        *,
        row_number() over (partition by source_table, row_hash order by reason) as occurrence
    from rejected

)

select
    source_table,
    row_hash || '-' || cast(occurrence as {{ dbt.type_string() }}) as row_id,
    brand_id,
    reason,
    raw_row
from numbered
