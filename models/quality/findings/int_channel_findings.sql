with spend as (

    select
        brand_id as scope,
        channel as spelling,
        count(*) as spend_rows
    from {{ ref('stg_marketing_spend') }}
    where purpose = 'acquisition'
    group by brand_id, channel

),

acquisition as (

    select distinct
        brand_id as scope,
        acquisition_channel as spelling
    from {{ ref('stg_customers') }}
    where acquisition_channel is not null

),

-- brands that have both, without a common name
spend_totals as (

    select
        spend.scope,
        sum(spend.spend_rows) as spend_rows,
        min({{ byte_order('spend.spelling') }}) as first_name,
        count(acquisition.spelling) as met
    from spend
    left join acquisition
        on spend.scope = acquisition.scope and spend.spelling = acquisition.spelling
    group by spend.scope

),

acquisition_totals as (

    select
        scope,
        min({{ byte_order('spelling') }}) as first_name
    from acquisition
    group by scope

),

nearest as (

    {{ nearest_names('spend', 'acquisition') | indent(4) }}

),

-- one pair is enough as an example: the nearest
suggested as (

    select
        *,
        row_number() over (
            partition by scope
            order by nearness desc, {{ byte_order('spelling') }}
        ) as place
    from nearest

)

select
    spend_totals.scope as brand_id,
    'marketing_spend' as source_table,
    'channels_never_meet' as finding,
    spend_totals.spend_rows as row_count,
    {{ sql_text("'") }} || coalesce(suggested.spelling, spend_totals.first_name)
    || {{ sql_text("' in marketing_spend, '") }} || coalesce(suggested.nearest, acquisition_totals.first_name)
    || {{ sql_text("' in customers") }} as example,
    'No channel of acquisition spend is an acquisition_channel of a customer, so no spend meets the customers that it '
    || 'brought. Write channels alike in both tables'
    || coalesce(
        {{ sql_text(": is '") }} || suggested.spelling || {{ sql_text("' the same as '") }} || suggested.nearest
        || {{ sql_text("'?") }}, '.'
    ) as hint
from spend_totals
inner join acquisition_totals
    on spend_totals.scope = acquisition_totals.scope
left join suggested
    on spend_totals.scope = suggested.scope and suggested.place = 1
where spend_totals.met = 0
