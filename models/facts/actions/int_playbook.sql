with brands as (

    select distinct brand_id from {{ ref('brand_settings') }}

),

lines as (

    select * from {{ ref('playbook') }}

),

-- a brand's own line replaces the general line of the same number; where it is not translated, its own text is shown
own_lines as (

    select
        brands.brand_id,
        lines.line,
        lines.stage,
        lines.loyalty_class,
        lines.alert_type,
        lines.action_code,
        lines.action,
        coalesce(lines.action_ko, lines.action) as action_ko,
        coalesce(lines.action_zh, lines.action) as action_zh,
        lines.channel,
        lines.reason,
        coalesce(lines.reason_ko, lines.reason) as reason_ko,
        coalesce(lines.reason_zh, lines.reason) as reason_zh,
        lines.due_days,
        lines.message_en,
        lines.message_ko,
        lines.message_zh,
        row_number() over (
            partition by brands.brand_id, lines.line
            order by case when lines.brand_id is null then 2 else 1 end
        ) as own_rank
    from brands
    inner join lines
        on lines.brand_id is null or brands.brand_id = lines.brand_id

)

select
    brand_id,
    line,
    stage,
    loyalty_class,
    alert_type,
    action_code,
    action,
    action_ko,
    action_zh,
    channel,
    reason,
    reason_ko,
    reason_zh,
    due_days,
    message_en,
    message_ko,
    message_zh
from own_lines
where own_rank = 1
