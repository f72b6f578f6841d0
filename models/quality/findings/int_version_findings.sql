{%- set as_of_date = '(select as_of_date from ' ~ ref('as_of_date') ~ ' as reporting_day)' -%}

-- rows that compete for a key with the one that is kept, if amounts, durations or scores differ
with found as (

    {{ indistinguishable_versions('orders', ref('base_orders_versions'), as_of_date) }}

    union all

    {{ indistinguishable_versions('interactions', ref('base_interactions_versions'), as_of_date) }}

    union all

    {{ indistinguishable_versions('subscriptions', ref('base_subscriptions_versions'), as_of_date) }}

    union all

    {{ indistinguishable_versions('feedback', ref('base_feedback_versions'), as_of_date) }}

)

select
    brand_id,
    source_table,
    'versions_indistinguishable' as finding,
    sum(versions) as row_count,
    min({{ byte_order('example') }}) as example,
    case when count(*) = 1 then '1 key has' else cast(count(*) as {{ dbt.type_string() }}) || ' keys have' end
    || ' rows that differ, and none is later than the others: one row stays, and the amounts of the others are lost. '
    || case
        when source_table = 'orders'
            then 'If they are lines of an order, land one row per order; if they are versions, deliver updated_at.'
        when source_table = 'subscriptions' then 'If they are versions, deliver updated_at.'
        else 'Give each row an identifier of its own, or land only the one that counts.'
    end as hint
from found
group by brand_id, source_table
