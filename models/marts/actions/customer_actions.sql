with customers as (

    select * from {{ ref('customers') }}

),

-- include customers without alerts, for playbook lines that need none
situations as (

    select
        brand_id,
        customer_id,
        cast(null as {{ dbt.type_string() }}) as alert_type
    from customers

    union all

    select distinct
        brand_id,
        customer_id,
        alert_type
    from {{ ref('lifecycle_alerts') }}
    where customer_id is not null

),

placed as (

    select
        customers.brand_id,
        customers.customer_id,
        customers.lifecycle_stage,
        customers.loyalty_class,
        situations.alert_type
    from situations
    inner join customers
        on
            situations.brand_id = customers.brand_id
            and situations.customer_id = customers.customer_id

),

-- only a few dozen combinations are joined with the playbook, however many customers there are
combinations as (

    select distinct
        brand_id,
        lifecycle_stage,
        loyalty_class,
        alert_type
    from placed

),

lines as (

    select * from {{ ref('int_playbook') }}

),

first_lines as (

    select
        combinations.brand_id,
        combinations.lifecycle_stage,
        combinations.loyalty_class,
        coalesce(combinations.alert_type, '') as alert_type,
        min(lines.line) as line
    from combinations
    inner join lines
        on
            combinations.brand_id = lines.brand_id
            and (lines.stage is null or combinations.lifecycle_stage = lines.stage)
            and (lines.loyalty_class is null or combinations.loyalty_class = lines.loyalty_class)
            and (lines.alert_type is null or combinations.alert_type = lines.alert_type)
    group by
        combinations.brand_id,
        combinations.lifecycle_stage,
        combinations.loyalty_class,
        coalesce(combinations.alert_type, '')

),

chosen as (

    select
        placed.brand_id,
        placed.customer_id,
        min(first_lines.line) as line
    from placed
    inner join first_lines
        on
            placed.brand_id = first_lines.brand_id
            and placed.lifecycle_stage = first_lines.lifecycle_stage
            and placed.loyalty_class = first_lines.loyalty_class
            and coalesce(placed.alert_type, '') = first_lines.alert_type
    group by placed.brand_id, placed.customer_id

),

valued as (

    select
        customers.brand_id,
        customers.customer_id,
        customers.is_contactable,
        case when customers.is_contactable then chosen.line end as line,
        greatest(
            cast(customers.net_revenue_365d as {{ type_double() }}), coalesce(customers.predicted_clv_365d, 0)
        ) as value_at_stake
    from customers
    left join chosen
        on
            customers.brand_id = chosen.brand_id
            and customers.customer_id = chosen.customer_id

)

select
    valued.brand_id,
    valued.customer_id,
    coalesce(lines.action_code, 'none') as action_code,
    coalesce(lines.action, 'none') as action,
    lines.channel,
    case
        when not valued.is_contactable then 'No marketing consent.'
        else coalesce(lines.reason, 'No line of the playbook applies.')
    end as reason,
    row_number() over (
        partition by valued.brand_id
        order by valued.value_at_stake desc, {{ byte_order('valued.customer_id') }}
    ) as priority,
    valued.value_at_stake,
    lines.line as playbook_line,
    lines.message_en,
    lines.message_ko,
    lines.message_zh
from valued
left join lines
    on valued.brand_id = lines.brand_id and valued.line = lines.line
