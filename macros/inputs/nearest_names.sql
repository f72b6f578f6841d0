{# Names are as near as they share pairs of neighbouring letters, case and place aside: twice the shared pairs over the
   pairs of both (Dice). Plain SQL, as engines know no edit distance in common. The first 60 letters count. #}
{% macro nearest_names(given, candidates) -%}
with places as (

    select place from {{ values_table(range(1, 62), 'places', 'place') }}

),

{% for name, relation in [('given', given), ('candidate', candidates)] -%}
{{ name }}_pairs as (

    select distinct
        names.scope,
        names.spelling,
        substr(' ' || lower(names.spelling) || ' ', places.place, 2) as pair
    from {{ relation }} as names
    inner join places
        on places.place <= length(names.spelling) + 1

),

{{ name }}_counts as (

    select
        scope,
        spelling,
        count(*) as pairs
    from {{ name }}_pairs
    group by scope, spelling

),

{% endfor -%}
shared as (

    select
        given_pairs.scope,
        given_pairs.spelling,
        candidate_pairs.spelling as candidate,
        count(*) as pairs
    from given_pairs
    inner join candidate_pairs
        on given_pairs.scope = candidate_pairs.scope and given_pairs.pair = candidate_pairs.pair
    group by given_pairs.scope, given_pairs.spelling, candidate_pairs.spelling

),

scored as (

    select
        shared.scope,
        shared.spelling,
        shared.candidate,
        cast(2 * shared.pairs as {{ type_double() }}) / (given_counts.pairs + candidate_counts.pairs) as nearness
    from shared
    inner join given_counts
        on shared.scope = given_counts.scope and shared.spelling = given_counts.spelling
    inner join candidate_counts
        on shared.scope = candidate_counts.scope and shared.candidate = candidate_counts.spelling

),

ranked as (

    select
        *,
        row_number() over (
            partition by scope, spelling
            order by nearness desc, {{ byte_order('candidate') }}
        ) as place
    from scored

)

select
    scope,
    spelling,
    candidate as nearest,
    nearness
from ranked
where place = 1 and nearness >= 0.4
{%- endmacro %}
