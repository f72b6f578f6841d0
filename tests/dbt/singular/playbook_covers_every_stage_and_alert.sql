-- Identity: the general lines of the seed playbook name every stage, loyalty class and type of alert. Only the last
-- line has no condition, so that it matches everyone. A brand-level alert has no customer, so its lines have no stage
-- or class, and only they go to the team.
-- Rows: what no line names, and lines that violate the rest.
{%- set brand_alerts = [
    'churn_rate_high', 'repeat_rate_drop', 'revenue_drop', 'churn_window_off', 'rejected_rows_high', 'input_finding'
] -%}
{%- set names = {
    'stage': ['awareness', 'consideration', 'purchase', 'retention', 'advocacy', 'churned'],
    'loyalty_class': ['none', 'one_time', 'repeat', 'loyal'],
    'alert_type': brand_setting_defaults()['alerts'] | list,
} %}
with general_lines as (

    select
        line,
        stage,
        loyalty_class,
        alert_type,
        channel,
        coalesce(stage, loyalty_class, alert_type) is null as catches_all,
        coalesce(alert_type in ({{ sql_text_list(brand_alerts) }}), false) as is_of_brand,
        line = max(line) over () as is_last
    from {{ ref('playbook') }}
    where brand_id is null

),

wanted as (

    {% for condition, values in names.items() -%}
    {%- set is_last_condition = loop.last -%}
    {%- for value in values -%}
    select
        '{{ condition }}' as condition_name,
        {{ sql_text(value) }} as condition_value
    {{ 'union all' if not (loop.last and is_last_condition) }}
    {% endfor -%}
    {%- endfor %}
),

named as (

    {% for condition in names -%}
    select
        '{{ condition }}' as condition_name,
        {{ condition }} as condition_value
    from general_lines
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    condition_name || ' ' || condition_value as subject,
    'no line names it' as problem
from wanted
left join named
    using (condition_name, condition_value)
where named.condition_name is null

union all

select
    'line ' || cast(line as {{ dbt.type_string() }}) as subject,
    case
        when catches_all <> is_last then 'only the last line catches all'
        else 'an alert of the brand is for the team, whatever the stage and class'
    end as problem
from general_lines
where
    catches_all <> is_last
    or is_of_brand <> (channel = 'team')
    or (is_of_brand and coalesce(stage, loyalty_class) is not null)
