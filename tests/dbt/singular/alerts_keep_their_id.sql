-- Identity: an alert's alert_id is the md5 of brand, type, subject and since joined with a vertical bar, so that it is
-- the same on every run; and no alert holds since a future day.
-- Rows: alerts that break one of these.
select
    alerts.alert_id,
    alerts.brand_id,
    alerts.alert_type,
    alerts.subject,
    alerts.since
from {{ ref('lifecycle_alerts') }} as alerts
cross join {{ ref('as_of_date') }} as as_of_date
where
    coalesce(alerts.alert_id, '') <> {{ dbt.hash(
        "alerts.brand_id || '|' || alerts.alert_type || '|' || alerts.subject || '|' || cast(alerts.since as "
        ~ dbt.type_string() ~ ")"
    ) }}
    or coalesce(alerts.since > as_of_date.as_of_date, true)
    -- brand-level alerts have no customer, all others have one
    or (alerts.customer_id is null) <> (
        alerts.alert_type
        in (
            'churn_rate_high', 'repeat_rate_drop', 'revenue_drop', 'churn_window_off', 'rejected_rows_high',
            'input_finding'
        )
    )
