{#
    The sound rows whose key more than one of them has, ranked: `version_rank` 1 stays, the others are superseded. The latest
    `updated_at` stays; between equals the row whose text sorts last.
    Takes: the table's name; the relation that check_raw_table made. Gives: a select statement.
#}
{% macro rank_versions(table, checked) -%}
    {%- set contract = raw_tables()[table] -%}
    {%- set key = contract.key | join(', ') -%}
with sound as (

    select * from {{ checked }}
    where rejection_reason is null

),

-- few keys have more than one row: counting finds them at a fraction of what ranking every row costs
repeated_keys as (

    select {{ key }}
    from sound
    group by {{ key }}
    having count(*) > 1

),

versions as (

    select sound.*
    from sound
    inner join repeated_keys
        on {% for column in contract.key %}{{ 'and ' if not loop.first }}sound.{{ column }} = repeated_keys.{{ column }} {% endfor %}

)

select
    *,
    row_number() over (
        partition by {{ key }}
        order by {{ 'updated_at desc nulls last, ' if contract.is_versioned }}{{ byte_order('(' ~ row_text(table) ~ ')') }} desc
    ) as version_rank
from versions
{%- endmacro %}
