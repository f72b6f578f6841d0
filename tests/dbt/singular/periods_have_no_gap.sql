{%- set series_of_brand = 'partition by brand_id, mart, grain, series order by period_start' -%}
-- Identity: the periods of a mart run without gaps from the one in which the brand's history begins to the one that
-- holds as_of_date.
-- Rows: periods that do not follow the one before, and series that begin or end elsewhere.
{%- set series = [] -%}
{%- for grain in period_grains() -%}
    {%- do series.append({
        'mart': 'brand_metrics', 'grain': grain, 'key': "'all'", 'period': 'period_start',
        'first': 'first_commercial_date', 'where': "period_grain = '" ~ grain ~ "'",
    }) -%}
    {%- do series.append({
        'mart': 'lifecycle_stages', 'grain': grain, 'key': 'stage', 'period': 'period_start',
        'first': 'first_known_date', 'where': "period_grain = '" ~ grain ~ "'",
    }) -%}
{%- endfor -%}
{%- do series.extend([
    {'mart': 'sales_channels', 'key': 'channel', 'period': 'period_start'},
    {'mart': 'second_purchase', 'key': "'all'", 'period': 'cohort_start'},
    {'mart': 'cart_recovery', 'key': "'all'", 'period': 'period_start'},
    {'mart': 'purchase_frequency_trend', 'key': "'all'", 'period': 'calendar_month'},
]) %}
with brands as (

    select * from {{ ref('int_brands') }}

),

as_of_date as (

    select as_of_date from {{ ref('as_of_date') }} as reporting_day

),

periods as (

    {% for mart in series -%}
    {%- set grain = mart.get('grain', 'month') -%}
    {#- Postgres has no interval of a quarter -#}
    {%- set step = ['month', -3] if grain == 'quarter' else [grain, -1] -%}
    select
        mart.brand_id,
        '{{ mart.mart }}' as mart,
        '{{ grain }}' as grain,
        {{ mart.key }} as series,
        mart.{{ mart.period }} as period_start, -- noqa: AL09
        cast({{ dbt.dateadd(step[0], step[1], 'mart.' ~ mart.period) }} as date) as expected_previous_start,
        {{ period_start(grain, 'brands.' ~ mart.get('first', 'first_order_date')) }} as expected_first_start,
        {{ period_start(grain, 'as_of_date.as_of_date') }} as expected_last_start
    from {{ ref(mart.mart) }} as mart
    cross join as_of_date
    left join brands
        on mart.brand_id = brands.brand_id
    {%- if mart.where %}
    where mart.{{ mart.where }}
    {%- endif %}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

ordered as (

    select
        *,
        lag(period_start) over ({{ series_of_brand }}) as previous_start,
        lead(period_start) over ({{ series_of_brand }}) as next_start
    from periods

),

-- here the index says whether a period is missing
cohorts as (

    select
        brand_id,
        cohort_grain,
        cohort_start,
        count(*) as periods,
        max(period_index) as last_index,
        min(period_index) as first_index
    from {{ ref('cohort_retention') }}
    group by brand_id, cohort_grain, cohort_start

)

select
    brand_id,
    mart,
    grain,
    series,
    period_start
from ordered
where
    coalesce(previous_start <> expected_previous_start, period_start <> expected_first_start, true)
    or (next_start is null and period_start <> expected_last_start)

union all

select
    cohorts.brand_id,
    'cohort_retention' as mart,
    cohorts.cohort_grain as grain,
    'cohort' as series,
    cohorts.cohort_start as period_start
from cohorts
cross join as_of_date
where
    cohorts.first_index <> 0
    or cohorts.last_index <> cohorts.periods - 1
    or cohorts.last_index <> case cohorts.cohort_grain
        {%- for grain in ['month', 'quarter', 'year'] %}
        when '{{ grain }}' then {{ dbt.datediff('cohorts.cohort_start', 'as_of_date.as_of_date', grain) }}
        {%- endfor %}
    end
