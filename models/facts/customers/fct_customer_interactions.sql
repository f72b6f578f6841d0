{#- the loops: weights are settings of each brand -#}
{%- set as_of_date = '(select as_of_date from ' ~ ref('as_of_date') ~ ' as reporting_day)' -%}
{%- set weights = [] -%}
{%- for brand_id, settings in brand_settings().items() -%}
    {%- for interaction_type, weight in settings.engagement.weights.items() -%}
        {%- do weights.append([brand_id, interaction_type, weight]) -%}
    {%- endfor -%}
{%- endfor -%}

with interactions as (

    select
        *,
        {{ dbt.datediff('interaction_date', as_of_date, 'day') }} as days_ago
    from {{ ref('stg_interactions') }}

),

interaction_types as (

    select * from {{ ref('interaction_types') }}

),

brand_weights as (

    {% for brand_id, interaction_type, weight in weights -%}
    select
        {{ sql_text(brand_id) }} as brand_id,
        {{ sql_text(interaction_type) }} as interaction_type,
        cast({{ sql_number(weight) }} as decimal(18, 6)) as weight
    {{ 'union all' if not loop.last }}
    {% else -%}
    select
        cast(null as {{ dbt.type_string() }}) as brand_id,
        cast(null as {{ dbt.type_string() }}) as interaction_type,
        cast(null as decimal(18, 6)) as weight
    where false
    {%- endfor %}

),

weighted as (

    select
        interactions.*,
        coalesce(brand_weights.weight, cast(interaction_types.default_weight as decimal(18, 6)), 0) as weight
    from interactions
    left join interaction_types
        on interactions.interaction_type = interaction_types.interaction_type
    left join brand_weights
        on
            interactions.brand_id = brand_weights.brand_id
            and interactions.interaction_type = brand_weights.interaction_type

)

select
    brand_id,
    customer_id,
    min(interaction_date) as first_interaction_date,
    max(interaction_date) as last_interaction_date,
    cast(coalesce(
        sum(case when days_ago < {{ brand_value('engagement.window_days') }} then weight end), 0
    ) as {{ type_decimal(38, 6) }}) as engagement_points,
    count(case when days_ago < 90 then 1 end) as interactions_90d,
    count(case when days_ago < 90 and interaction_type = 'site_visit' then 1 end) as site_visits_90d,
    cast(coalesce(
        sum(case when days_ago < 90 and interaction_type = 'site_visit' then duration_seconds end), 0
    ) as {{ type_decimal(38, 6) }}) as site_seconds_90d,
    count(case when days_ago < 90 and interaction_type = 'email_open' then 1 end) as email_opens_90d,
    count(case when days_ago < 90 and left(interaction_type, 4) = 'sns_' then 1 end) as sns_interactions_90d,
    count(case when days_ago < 365 and interaction_group = 'support' then 1 end) as support_contacts_365d,
    count(case when days_ago < 365 and interaction_group = 'contact' then 1 end) as contacts_365d,
    count(case when days_ago < 365 and interaction_type = 'coupon_redeem' then 1 end) as coupons_redeemed_365d,
    count(case when interaction_type = 'review' then 1 end) as reviews,
    min(case when interaction_group in ('consideration', 'cart') then interaction_date end) as first_consideration_date,
    min(case when interaction_type = 'membership_join' then interaction_date end) as membership_join_date,
    max(case when interaction_group = 'support' then interaction_date end) as last_support_date,
    max(case when interaction_group = 'contact' then interaction_date end) as last_contact_date
from weighted
group by brand_id, customer_id
