with starts as (

    select
        periods.brand_id,
        periods.period_start,
        periods.is_complete_period,
        brands.first_known_date,
        {{ period_start('month', add_days('periods.period_start', -365)) }} as prior_year_start
    from {{ ref('int_brand_periods') }} as periods
    inner join {{ ref('int_brands') }} as brands
        on periods.brand_id = brands.brand_id
    where periods.period_grain = 'month'

),

-- a month is compared if both months lie wholly in the history
months as (

    select
        brand_id,
        period_start,
        is_complete_period,
        prior_year_start,
        is_complete_period and prior_year_start >= first_known_date as is_compared
    from starts

),

engagement as (

    select
        *,
        {{ ratio('interactions', 'customers') }} as interactions_per_customer
    from {{ ref('fct_stage_interactions') }}

),

compared as (

    select
        engagement.*,
        months.is_complete_period,
        case when months.is_compared then prior_year.interactions_per_customer end
            as interactions_per_customer_prior_year
    from engagement
    inner join months
        on
            engagement.brand_id = months.brand_id
            and engagement.period_start = months.period_start
    left join engagement as prior_year
        on
            months.brand_id = prior_year.brand_id
            and months.prior_year_start = prior_year.period_start
            and engagement.stage = prior_year.stage
            and engagement.interaction_type = prior_year.interaction_type

)

select
    brand_id,
    period_start,
    stage,
    interaction_type,
    interaction_group,
    is_complete_period,
    interactions,
    customers,
    interactions_per_customer,
    {{ ratio('duration_seconds', 'timed_interactions') }} as average_duration_seconds,
    interactions_per_customer_prior_year,
    interactions_per_customer / interactions_per_customer_prior_year - 1 as interactions_per_customer_change_yoy
from compared
