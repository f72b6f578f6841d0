{#- the loops: back-tests have the same columns, and customers ten parts -#}
{#- a pair of a cut and a horizon is a back-test; where the two are equal, customers are ranked into tenths as well -#}

-- of each customer with an order by the cut: what was predicted, what came, and what had come in as long before the cut
with tested as (

    {% for cut_days, horizon in clv_backtests() -%}
    select
        brand_id,
        cut_days,
        {{ horizon }} as horizon_days,
        x > 0 as has_returned,
        {% if cut_days == horizon -%}
        cast(1 + floor(10e0 * (row_number() over (
            partition by brand_id
            -- by predicted orders where Gamma-Gamma gives no value
            order by
                coalesce(expected_orders_{{ horizon }}d * expected_order_value, expected_orders_{{ horizon }}d) desc,
                {{ byte_order('customer_id') }}
        ) - 1) / count(*) over (partition by brand_id)) as integer) as decile,
        {%- else -%}
        cast(null as integer) as decile,
        {%- endif %}
        expected_orders_{{ horizon }}d as predicted_orders,
        expected_orders_{{ horizon }}d * expected_order_value as predicted_net_revenue,
        actual_order_days_{{ horizon }}d as actual_orders,
        actual_net_revenue_{{ horizon }}d as actual_net_revenue,
        naive_order_days_{{ horizon }}d as naive_orders,
        naive_net_revenue_{{ horizon }}d as naive_net_revenue,
        expected_orders_{{ horizon }}d - actual_order_days_{{ horizon }}d as miss,
        cast(naive_order_days_{{ horizon }}d - actual_order_days_{{ horizon }}d as {{ type_double() }}) as naive_miss
    from {{ ref('fct_clv_predictions') }}
    where cut_days = {{ cut_days }} and expected_orders_{{ horizon }}d is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- every group is a sum of some of these
parts as (

    select
        brand_id,
        cut_days,
        horizon_days,
        has_returned,
        decile,
        count(*) as customers,
        sum(actual_orders) as actual_orders,
        sum(predicted_orders) as predicted_orders,
        sum(naive_orders) as naive_orders,
        sum(actual_net_revenue) as actual_net_revenue,
        sum(predicted_net_revenue) as predicted_net_revenue,
        sum(naive_net_revenue) as naive_net_revenue,
        sum(abs(miss)) as misses,
        -- the square of a smaller one may be below the least double, which some engines take for an error
        sum(case when abs(miss) > 1e-150 then miss * miss else 0e0 end) as squared_misses,
        sum(abs(naive_miss)) as naive_misses,
        sum(naive_miss * naive_miss) as naive_squared_misses
    from tested
    group by brand_id, cut_days, horizon_days, has_returned, decile

),

members as (

    select
        parts.*,
        case kinds.kind
            when 'all' then 'all'
            when 'history' then case when parts.has_returned then 'repeat' else 'one_order_date' end
            when 'decile' then 'decile_' || cast(parts.decile as {{ dbt.type_string() }})
        end as customer_group
    from parts
    cross join {{ values_table(["'all'", "'history'", "'decile'"], 'kinds', 'kind') }}
    where kinds.kind <> 'decile' or parts.decile is not null

),

measured as (

    select
        brand_id,
        cut_days,
        horizon_days,
        customer_group,
        sum(customers) as customers,
        sum(actual_orders) as actual_orders,
        sum(predicted_orders) as predicted_orders,
        sum(naive_orders) as naive_orders,
        sum(actual_net_revenue) as actual_net_revenue,
        sum(predicted_net_revenue) as predicted_net_revenue,
        sum(naive_net_revenue) as naive_net_revenue,
        sum(misses) as misses,
        sum(squared_misses) as squared_misses,
        sum(naive_misses) as naive_misses,
        sum(naive_squared_misses) as naive_squared_misses
    from members
    group by brand_id, cut_days, horizon_days, customer_group

),

group_names as (

    select
        'all' as customer_group,
        false as is_decile
    union all
    select
        'one_order_date' as customer_group,
        false as is_decile
    union all
    select
        'repeat' as customer_group,
        false as is_decile
    {%- for decile in range(1, 11) %}
    union all
    select
        'decile_{{ decile }}' as customer_group,
        true as is_decile
    {%- endfor %}

),

backtests as (

    select
        brand_id,
        cut_days,
        horizon_days,
        predicted_net_revenue is not null as has_predicted_revenue
    from measured
    where customer_group = 'all'

),

-- a back-test has all its groups, also those without customers
backtest_groups as (

    select
        backtests.brand_id,
        backtests.cut_days,
        backtests.horizon_days,
        backtests.has_predicted_revenue,
        group_names.customer_group
    from backtests
    inner join group_names
        on backtests.cut_days = backtests.horizon_days or not group_names.is_decile

),

-- how often, of two customers of whom one ordered and one did not, the one who ordered had the higher chance to order:
-- customers alike in x, t_x and T have one chance, and a histogram of the chances has all that is asked
fitted_groups as (

    select
        clv_groups.brand_id,
        clv_groups.cut_days,
        clv_groups.customers,
        clv_groups.buyers_90d,
        clv_groups.buyers_365d,
        {{ clv_posterior_columns('clv_groups', 'parameters') }}
    from {{ ref('int_clv_groups') }} as clv_groups
    inner join {{ ref('fct_clv_parameters') }} as parameters
        on clv_groups.brand_id = parameters.brand_id and clv_groups.cut_days = parameters.cut_days
    where
        clv_groups.cut_days > 0
        and parameters.r is not null
        and parameters.model = {{ brand_value('clv.model', 'parameters.brand_id') }}

),

alive_groups as (

    select
        *,
        {{ chance_to_be_there() }} as p_alive
    from fitted_groups

),

chances as (

    {% for cut_days, horizon in clv_backtests() -%}
    select
        brand_id,
        cut_days,
        {{ horizon }} as horizon_days,
        buyers_{{ horizon }}d as buyers,
        customers - buyers_{{ horizon }}d as others,
        {{ chance_to_order('p_alive', 'rate_dates', 'rate_days', horizon) }} as chance
    from alive_groups
    where cut_days = {{ cut_days }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

histogram as (

    select
        brand_id,
        cut_days,
        horizon_days,
        chance,
        cast(sum(buyers) as {{ type_double() }}) as buyers,
        cast(sum(others) as {{ type_double() }}) as others
    from chances
    group by brand_id, cut_days, horizon_days, chance

),

compared as (

    select
        *,
        coalesce(sum(others) over (
            partition by brand_id, cut_days, horizon_days order by chance
            rows between unbounded preceding and 1 preceding
        ), 0e0) as others_below
    from histogram

),

separated as (

    select
        brand_id,
        cut_days,
        horizon_days,
        {{ ratio('sum(buyers * (others_below + others / 2e0))', 'sum(buyers) * sum(others)') }} as order_auc
    from compared
    group by brand_id, cut_days, horizon_days

)

select
    backtest_groups.brand_id,
    cast({{ add_days('as_of_date.as_of_date', '-backtest_groups.cut_days') }} as date) as cut_date,
    cast(backtest_groups.horizon_days as bigint) as horizon_days,
    backtest_groups.customer_group,
    cast(coalesce(measured.customers, 0) as bigint) as customers,
    cast(coalesce(measured.actual_orders, 0) as bigint) as actual_orders,
    coalesce(measured.predicted_orders, 0e0) as predicted_orders,
    {{ ratio('measured.predicted_orders', 'measured.actual_orders') }} - 1 as orders_error,
    {{ ratio('measured.misses', 'measured.customers') }} as customer_mae,
    sqrt({{ ratio('measured.squared_misses', 'measured.customers') }}) as customer_rmse,
    cast(coalesce(measured.actual_net_revenue, 0) as {{ type_decimal(38, 4) }}) as actual_net_revenue,
    case when backtest_groups.has_predicted_revenue then coalesce(measured.predicted_net_revenue, 0e0) end
        as predicted_net_revenue,
    {{ ratio('measured.predicted_net_revenue', 'measured.actual_net_revenue') }} - 1 as net_revenue_error,
    cast(coalesce(measured.naive_orders, 0) as bigint) as naive_predicted_orders,
    {{ ratio('measured.naive_orders', 'measured.actual_orders') }} - 1 as naive_orders_error,
    {{ ratio('measured.naive_misses', 'measured.customers') }} as naive_customer_mae,
    sqrt({{ ratio('measured.naive_squared_misses', 'measured.customers') }}) as naive_customer_rmse,
    cast(coalesce(measured.naive_net_revenue, 0) as {{ type_decimal(38, 4) }}) as naive_predicted_net_revenue,
    {{ ratio('measured.naive_net_revenue', 'measured.actual_net_revenue') }} - 1 as naive_net_revenue_error,
    case when backtest_groups.customer_group = 'all' then separated.order_auc end as order_auc
from backtest_groups
cross join {{ ref('as_of_date') }} as as_of_date
left join measured
    on
        backtest_groups.brand_id = measured.brand_id
        and backtest_groups.cut_days = measured.cut_days
        and backtest_groups.horizon_days = measured.horizon_days
        and backtest_groups.customer_group = measured.customer_group
left join separated
    on
        backtest_groups.brand_id = separated.brand_id
        and backtest_groups.cut_days = separated.cut_days
        and backtest_groups.horizon_days = separated.horizon_days
