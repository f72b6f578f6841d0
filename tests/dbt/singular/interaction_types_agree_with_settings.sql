-- Identity: the seed interaction_types holds exactly the types that the macro interaction_type_names lists,
-- against which the settings are checked before any seed is loaded.
-- Rows: types that only one of them has.
with listed as (

    {% for name in interaction_type_names() -%}
    select {{ sql_text(name) }} as interaction_type
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    interaction_type,
    case when listed.interaction_type is null then 'the seed' else 'the macro' end as only_in
from {{ ref('interaction_types') }} as seed
full outer join listed
    using (interaction_type)
where seed.interaction_type is null or listed.interaction_type is null
