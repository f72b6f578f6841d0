-- Identity: the seed rfm_grid has each pair of a recency and a frequency score from 1 to 5 exactly once.
-- Rows: missing, repeated and extra pairs.
with cells as (

    {% for r_score in range(1, 6) -%}
    {%- set is_last_row = loop.last -%}
    {%- for f_score in range(1, 6) -%}
    select
        cast({{ r_score }} as bigint) as r_score,
        cast({{ f_score }} as bigint) as f_score,
        1 as times
    {{ 'union all' if not (loop.last and is_last_row) }}
    {% endfor -%}
    {%- endfor %}
),

differences as (

    select * from cells

    union all

    select
        r_score,
        f_score,
        -1 as times
    from {{ ref('rfm_grid') }}

)

select
    r_score,
    f_score,
    sum(times) as times_missing
from differences
group by r_score, f_score
having sum(times) <> 0
