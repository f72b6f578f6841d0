with subscriptions as (

    select
        *,
        {{ add_days('ended_on', brand_value('subscription_gap_days')) }} as continued_by
    from {{ ref('stg_subscriptions') }}

),

-- a customer who moves to another plan, or renews under a new number, has not left: the old one is replaced
replaced as (

    select distinct
        ended.brand_id,
        ended.subscription_id
    from subscriptions as ended
    inner join subscriptions as later
        on
            ended.brand_id = later.brand_id
            and ended.customer_id = later.customer_id
            and ended.subscription_kind = later.subscription_kind
            and ended.started_on <= later.started_on
            and ended.continued_by >= later.started_on
            and (later.ended_on is null or ended.ended_on < later.ended_on)

)

select
    subscriptions.brand_id,
    subscriptions.subscription_id,
    subscriptions.customer_id,
    subscriptions.subscription_kind,
    subscriptions.started_on,
    subscriptions.ended_on,
    subscriptions.monthly_amount,
    subscriptions.ended_on is null as is_running,
    subscriptions.ended_on is not null and replaced.subscription_id is null as is_cancelled
from subscriptions
left join replaced
    on
        subscriptions.brand_id = replaced.brand_id
        and subscriptions.subscription_id = replaced.subscription_id
