with customers as (

    select * from {{ ref('customers') }}

),

-- include customers without alerts, for playbook lines that need none
situations as (

    select
        brand_id,
        customer_id,
        cast(null as {{ dbt.type_string() }}) as alert_type,
        greatest(lifecycle_stage_since, last_order_date) as since
    from customers

    union all

    select
        brand_id,
        customer_id,
        alert_type,
        max(since) as since
    from {{ ref('lifecycle_alerts') }}
    where customer_id is not null
    group by brand_id, customer_id, alert_type

),

placed as (

    select
        customers.brand_id,
        customers.customer_id,
        customers.lifecycle_stage,
        customers.loyalty_class,
        situations.alert_type,
        situations.since
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

-- customers without consent have no line, whatever the playbook says
answered as (

    select
        customers.brand_id,
        customers.customer_id,
        customers.is_contactable,
        customers.value_at_stake,
        lines.line,
        lines.alert_type,
        lines.action_code,
        lines.action,
        lines.channel,
        lines.reason,
        lines.due_days,
        lines.message_en,
        lines.message_ko,
        lines.message_zh
    from customers
    left join chosen
        on
            customers.brand_id = chosen.brand_id
            and customers.customer_id = chosen.customer_id
            and customers.is_contactable
    left join lines
        on chosen.brand_id = lines.brand_id and chosen.line = lines.line

),

-- a line that names an alert dates from it, any other from the customer's latest step or order
dated as (

    select
        answered.*,
        situations.since,
        {{ add_days('situations.since', 'answered.due_days - 1') }} as due_until
    from answered
    left join situations
        on
            answered.brand_id = situations.brand_id
            and answered.customer_id = situations.customer_id
            and answered.line is not null
            and coalesce(answered.alert_type, '') = coalesce(situations.alert_type, '')

),

judged as (

    select
        *,
        line is not null
        and coalesce(due_until >= (select as_of_date from {{ ref('as_of_date') }}), due_days is null) as is_due
    from dated

)

select
    brand_id,
    customer_id,
    coalesce(action_code, 'none') as action_code,
    coalesce(action, 'none') as action,
    channel,
    case
        when not is_contactable then 'No marketing consent.'
        else coalesce(reason, 'No line of the playbook applies.')
    end as reason,
    since,
    due_until,
    is_due,
    row_number() over (
        partition by brand_id
        order by is_due desc, value_at_stake desc, {{ byte_order('customer_id') }}
    ) as priority,
    value_at_stake,
    line as playbook_line,
    message_en,
    message_ko,
    message_zh
from judged
