-- Identity: a brand's accepted marketing spend equals the sum over the months of brand_metrics, and over the months and
-- channels of acquisition_channels; a brand without a row of spend has null in both, never 0.
-- Rows: brands that violate this.
with accepted as (

    select
        brand_id,
        sum(amount) as marketing_spend
    from {{ ref('stg_marketing_spend') }}
    group by brand_id

),

months as (

    select
        brand_id,
        sum(acquisition_spend + retention_spend) as marketing_spend
    from {{ ref('brand_metrics') }}
    where period_grain = 'month'
    group by brand_id

),

channels as (

    select
        brand_id,
        sum(acquisition_spend + retention_spend) as marketing_spend
    from {{ ref('acquisition_channels') }}
    group by brand_id

),

brands as (

    select brand_id from accepted
    {{ union_distinct() }}
    select brand_id from months
    {{ union_distinct() }}
    select brand_id from channels

)

select
    brands.brand_id,
    accepted.marketing_spend,
    months.marketing_spend as marketing_spend_of_months,
    channels.marketing_spend as marketing_spend_of_channels
from brands
left join accepted
    on brands.brand_id = accepted.brand_id
left join months
    on brands.brand_id = months.brand_id
left join channels
    on brands.brand_id = channels.brand_id
where
    -- an amount is never below 0
    coalesce(months.marketing_spend, -1) <> coalesce(accepted.marketing_spend, -1)
    or coalesce(channels.marketing_spend, -1) <> coalesce(accepted.marketing_spend, -1)
