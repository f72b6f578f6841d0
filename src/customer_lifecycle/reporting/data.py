"""What the report reads: each query once, for all brands, then by brand.

Everything is summed up in the database, so that a page is as small for a million customers as for a hundred. No
customer is named, unless the caller asks for a list. Tables are those of the schemas marts, reference and quality,
looked up in this order (source.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from typing import Any

from customer_lifecycle.reporting.errors import NO_PUBLICATION, ReportError
from customer_lifecycle.reporting.source import Reader, Row

# how far back the pictures go
MONTHS = 18
YEAR = 12
# the repurchase curves end this many days after an order
LADDER_DAYS = 730
# of fewer first buyers a share says nothing: chance decides
ENOUGH = 30
# so long feedback may be answered, by the mart feedback_loop
ANSWER_DAYS = 30

PUBLICATION = "select publication_id, as_of_date from publication"

SETTINGS = "select brand_id, setting, value from brand_settings"

GLOSSARY = "select mart, column_name, language, label, definition, formula from metric_glossary"

# name -> query; each has a brand_id
BY_BRAND = {
    "metrics": """
        select *
        from brand_metrics
        where period_grain = 'month'
    """,
    "cohorts": f"""
        select
            brand_id,
            cohort_grain,
            cohort_start,
            period_index,
            is_left_truncated,
            cohort_size,
            purchasing_customers,
            retention_rate,
            net_revenue,
            cumulative_net_revenue
        from cohort_retention
        where cohort_grain in ('month', 'quarter', 'year') and is_complete_period and period_index <= {YEAR}
    """,
    # sums, from which rates and means of several cohorts follow
    "channel_cohorts": """
        select
            brand_id,
            channel,
            period_index,
            sum(cohort_size) as cohort_size,
            sum(purchasing_customers) as purchasing_customers,
            sum(cast(ltv_per_customer * cohort_size as decimal(38, 4))) as value_to_date
        from cohort_retention_by_channel
        where is_complete_period and not is_left_truncated and period_index in (0, 1, 3, 6, 12)
        group by brand_id, channel, period_index
    """,
    "second_purchases": """
        select brand_id, cohort_start, is_left_truncated, first_buyers, second_buyers_90d
        from second_purchase
        where second_buyers_90d is not null
    """,
    "stages": """
        select brand_id, period_start, stage, customers, share_of_customers
        from lifecycle_stages
        where period_grain = 'month' and is_complete_period
    """,
    "transitions": """
        select brand_id, period_start, from_stage, to_stage, customers
        from lifecycle_transitions
        where period_grain = 'month' and is_complete_period
    """,
    "activity": "select * from active_vs_inactive",
    "active_kinds": "select * from active_kinds",
    "carts": """
        select *
        from cart_recovery
        where is_complete_period
    """,
    # of a year; an answer counts within 30 days
    "feedback": f"""
        select
            feedback_loop.brand_id,
            case
                when feedback_loop.submitted_on + {ANSWER_DAYS} > publication.as_of_date then 'recent'
                when feedback_loop.is_open then 'unanswered'
                else 'answered'
            end as outcome,
            count(*) as feedback,
            count(feedback_loop.answered_on) as answered,
            sum(feedback_loop.days_to_answer) as days_to_answer,
            sum(case when feedback_loop.bought_again then 1 else 0 end) as bought_again
        from feedback_loop
        cross join publication
        where feedback_loop.submitted_on > publication.as_of_date - 365
        group by
            feedback_loop.brand_id,
            case
                when feedback_loop.submitted_on + {ANSWER_DAYS} > publication.as_of_date then 'recent'
                when feedback_loop.is_open then 'unanswered'
                else 'answered'
            end
    """,
    # by how many customers they referred: one, two, or three and more
    "advocates": """
        select
            brand_id,
            case when referrals > 3 then 3 else referrals end as referrals_of_advocate,
            count(*) as advocates,
            sum(referrals) as referrals,
            sum(converted_referrals) as converted_referrals,
            sum(referred_net_revenue) as referred_net_revenue,
            sum(cast(referred_predicted_clv_365d as decimal(38, 4))) as referred_predicted_clv_365d,
            sum(own_net_revenue) as own_net_revenue
        from advocate_value
        group by brand_id, case when referrals > 3 then 3 else referrals end
    """,
    "loyalty_classes": "select * from loyalty_summary",
    "loyalty_tiers": "select * from loyalty_tiers",
    # who enters a class and who leaves it, by month: what has added up by a month's end are its customers
    "loyalty_changes": """
        with changes as (
            select
                brand_id,
                valid_from as changed_on,
                loyalty_class,
                1 as customers,
                case
                    when loyalty_class = 'loyal' and coalesce(previous_class, 'none') <> 'loyal' then 1 else 0
                end as became_loyal,
                case when loyalty_class <> 'loyal' and previous_class = 'loyal' then 1 else 0 end as no_longer_loyal
            from loyalty_history

            union all

            select
                brand_id,
                valid_to as changed_on,
                loyalty_class,
                -1 as customers,
                0 as became_loyal,
                0 as no_longer_loyal
            from loyalty_history
            where valid_to is not null
        )

        select
            brand_id,
            cast(date_trunc('month', changed_on) as date) as period_start,
            loyalty_class,
            min(changed_on) as first_on,
            sum(customers) as customers,
            sum(became_loyal) as became_loyal,
            sum(no_longer_loyal) as no_longer_loyal
        from changes
        group by brand_id, cast(date_trunc('month', changed_on) as date), loyalty_class
    """,
    "criteria": """
        select
            loyalty_criteria.brand_id,
            loyalty_criteria.criterion,
            loyalty_criteria.metric,
            loyalty_criteria.op,
            loyalty_criteria.threshold,
            customers.loyalty_class,
            count(*) as customers,
            sum(case when loyalty_criteria.is_met then 1 else 0 end) as customers_met
        from loyalty_criteria
        inner join customers
            on
                loyalty_criteria.brand_id = customers.brand_id
                and loyalty_criteria.customer_id = customers.customer_id
        group by
            loyalty_criteria.brand_id, loyalty_criteria.criterion, loyalty_criteria.metric, loyalty_criteria.op,
            loyalty_criteria.threshold, customers.loyalty_class
    """,
    # of the model that the brand uses
    "fit": "select * from clv_model_fit where is_used",
    "backtests": "select * from clv_backtests where customer_group = 'all'",
    # decimals: a sum of them does not depend on the order of the rows
    "predicted_value": """
        with ranked as (
            select
                brand_id,
                cast(predicted_clv_365d as decimal(38, 4)) as predicted_clv_365d,
                ntile(10) over (partition by brand_id order by predicted_clv_365d desc, customer_id) as tenth
            from customers
            where predicted_clv_365d is not null
        )

        select brand_id, tenth, count(*) as customers, sum(predicted_clv_365d) as predicted_clv_365d
        from ranked
        group by brand_id, tenth
    """,
    "alerts": """
        with alerts as (
            select brand_id, alert_type, severity, count(*) as alerts, max(since) as last_since
            from lifecycle_alerts
            where customer_id is not null
            group by brand_id, alert_type, severity
        ),

        -- a customer with two alerts of a type is at stake once
        alerted_customers as (
            select distinct brand_id, alert_type, severity, customer_id
            from lifecycle_alerts
            where customer_id is not null
        ),

        stakes as (
            select
                alerted_customers.brand_id,
                alerted_customers.alert_type,
                alerted_customers.severity,
                count(*) as customers,
                sum(cast(customer_actions.value_at_stake as decimal(38, 4))) as value_at_stake
            from alerted_customers
            left join customer_actions
                on
                    alerted_customers.brand_id = customer_actions.brand_id
                    and alerted_customers.customer_id = customer_actions.customer_id
            group by alerted_customers.brand_id, alerted_customers.alert_type, alerted_customers.severity
        )

        select
            alerts.brand_id,
            alerts.alert_type,
            alerts.severity,
            alerts.alerts,
            alerts.last_since,
            stakes.customers,
            stakes.value_at_stake
        from alerts
        inner join stakes
            on
                alerts.brand_id = stakes.brand_id
                and alerts.alert_type = stakes.alert_type
                and alerts.severity = stakes.severity
    """,
    # once per customer, whatever the types of alerts
    "alerted_customers": """
        with alerted_customers as (
            select distinct brand_id, customer_id
            from lifecycle_alerts
            where customer_id is not null
        )

        select
            alerted_customers.brand_id,
            count(*) as customers,
            sum(cast(customer_actions.value_at_stake as decimal(38, 4))) as value_at_stake
        from alerted_customers
        left join customer_actions
            on
                alerted_customers.brand_id = customer_actions.brand_id
                and alerted_customers.customer_id = customer_actions.customer_id
        group by alerted_customers.brand_id
    """,
    "brand_alerts": """
        select
            brand_id, alert_type, severity, since, message, message_ko, message_zh, action, action_ko, action_zh
        from lifecycle_alerts
        where customer_id is null
    """,
    "actions": """
        select
            brand_id,
            action_code,
            action,
            action_ko,
            action_zh,
            channel,
            reason,
            reason_ko,
            reason_zh,
            count(*) as customers,
            sum(case when is_due then 1 else 0 end) as due_customers,
            sum(case when is_due then cast(value_at_stake as decimal(38, 4)) else 0 end) as due_value
        from customer_actions
        group by
            brand_id, action_code, action, action_ko, action_zh, channel, reason, reason_ko, reason_zh
    """,
    # what is due, by the alert that calls for it; a customer counts once, with the alert that is most severe
    "today": """
        with alerts as (
            select
                brand_id,
                customer_id,
                action_code,
                alert_type,
                severity,
                row_number() over (
                    partition by brand_id, customer_id, action_code
                    order by severity, since desc, alert_id
                ) as alert_of_action
            from lifecycle_alerts
            where customer_id is not null
        )

        select
            customer_actions.brand_id,
            customer_actions.action_code,
            customer_actions.action,
            customer_actions.action_ko,
            customer_actions.action_zh,
            customer_actions.reason,
            customer_actions.reason_ko,
            customer_actions.reason_zh,
            customer_actions.channel,
            alerts.alert_type,
            alerts.severity,
            count(*) as customers,
            sum(cast(customer_actions.value_at_stake as decimal(38, 4))) as value_at_stake,
            min(customer_actions.due_until) as due_until
        from customer_actions
        left join alerts
            on
                customer_actions.brand_id = alerts.brand_id
                and customer_actions.customer_id = alerts.customer_id
                and customer_actions.action_code = alerts.action_code
                and alerts.alert_of_action = 1
        where customer_actions.is_due and customer_actions.action_code <> 'none'
        group by
            customer_actions.brand_id,
            customer_actions.action_code,
            customer_actions.action,
            customer_actions.action_ko,
            customer_actions.action_zh,
            customer_actions.reason,
            customer_actions.reason_ko,
            customer_actions.reason_zh,
            customer_actions.channel,
            alerts.alert_type,
            alerts.severity
    """,
    # prospects have bought nothing: no model speaks of them
    "risks": """
        select
            brand_id,
            case when relationship_status = 'churned' then 'gone' else coalesce(churn_risk, 'none') end as risk,
            count(*) as customers,
            sum(cast(p_order_90d as decimal(38, 8))) as orderers_90d,
            sum(cast(value_at_stake as decimal(38, 4))) as value_at_stake
        from customers
        where p_order_90d is not null
        group by brand_id, case when relationship_status = 'churned' then 'gone' else coalesce(churn_risk, 'none') end
    """,
    "rfm": "select * from rfm_segments",
    "channels": """
        select
            brand_id, period_start, is_left_truncated, channel, acquisition_spend, acquired_customers,
            net_revenue_to_date, ltv_365d, payback_months
        from acquisition_channels
        where is_complete_period
    """,
    "sales": """
        select *
        from sales_channels
        where is_complete_period
    """,
    "frequency": """
        select *
        from purchase_frequency_trend
        where is_complete_period
    """,
    "ladder": """
        select brand_id, from_order, day, at_risk, 1 - survival as ordered_again
        from order_ladder
    """,
    "rungs": "select * from order_ladder_summary",
    "revenue_bridge": "select * from revenue_bridge",
    "revenue_drivers": """
        select *
        from revenue_drivers
        where period_grain = 'month'
    """,
    "value_deciles": "select * from value_deciles",
    "value_concentration": "select * from value_concentration",
    "decile_migration": "select * from decile_migration",
    "layers": """
        select *
        from cohort_calendar
        where cohort_grain = 'quarter' and period_grain = 'quarter' and is_complete_period
    """,
    "first_orders": "select * from ltv_drivers",
    "engagement": """
        select *
        from engagement_by_stage
        where is_complete_period
    """,
    "reconciliation": """
        select
            brand_id,
            sum(raw_rows) as raw_rows,
            sum(accepted_rows) as accepted_rows,
            sum(rejected_rows) as rejected_rows
        from input_reconciliation
        group by brand_id
    """,
}

# the classes of `risks`: in the base by churn_risk, in the base without one, and no longer in the base
RISKS = ["high", "medium", "low", "none", "gone"]

# the severities of the alerts of `today`, the gravest first; without an alert it has none
URGENCIES = ["high", "normal", None]

# the rungs of `ladder` and `rungs`: the number of the order that a gap begins with
RUNGS = ["1", "2", "3-4", "5-9", "10+", "all"]

# the grains of `revenue_bridge`, as its table shows them
GRAINS = ["trailing_year", "year", "month"]

# the kinds of `active_kinds`, as their definition lists them
KINDS = [
    "recent_purchaser",
    "loyal_customer",
    "support_customer",
    "product_subscriber",
    "service_subscriber",
    "contact",
]

# the outcomes of `feedback`
OUTCOMES = ["answered", "unanswered", "recent"]

# how the rows of a brand are ordered where that shows: here, because an engine's order of text depends on its settings
ORDER: dict[str, Callable[[Row], Any]] = {
    "metrics": lambda row: row["period_start"],
    "cohorts": lambda row: (row["cohort_grain"], row["cohort_start"], row["period_index"]),
    "channel_cohorts": lambda row: (row["channel"], row["period_index"]),
    "activity": lambda row: row["segment"],
    "active_kinds": lambda row: KINDS.index(row["kind"]),
    "carts": lambda row: row["period_start"],
    "feedback": lambda row: OUTCOMES.index(row["outcome"]),
    "advocates": lambda row: row["referrals_of_advocate"],
    "second_purchases": lambda row: row["cohort_start"],
    "loyalty_changes": lambda row: (row["period_start"], row["loyalty_class"]),
    "sales": lambda row: (row["period_start"], -row["net_revenue"], row["channel"]),
    "frequency": lambda row: row["calendar_month"],
    "criteria": lambda row: (row["criterion"], row["loyalty_class"]),
    "predicted_value": lambda row: row["tenth"],
    "alerts": lambda row: (row["severity"], -row["alerts"], row["alert_type"]),
    "brand_alerts": lambda row: (-row["since"].toordinal(), row["alert_type"], row["message"]),
    "actions": lambda row: (-row["due_value"], -row["customers"], row["action_code"], row["reason"] or ""),
    # what is urgent first: an open alert, and the graver one
    "today": lambda row: (
        URGENCIES.index(row["severity"]),
        -(row["value_at_stake"] or 0),
        -row["customers"],
        row["action_code"],
        row["alert_type"] or "",
        row["reason"] or "",
    ),
    "risks": lambda row: RISKS.index(row["risk"]),
    "rfm": lambda row: (-(row["revenue_share"] or 0), row["segment"]),
    "ladder": lambda row: (RUNGS.index(row["from_order"]), row["day"]),
    "rungs": lambda row: RUNGS.index(row["from_order"]),
    "revenue_bridge": lambda row: (GRAINS.index(row["period_grain"]), -row["period_start"].toordinal()),
    "revenue_drivers": lambda row: (row["period_start"], row["compared_with"]),
    "value_deciles": lambda row: (row["period_start"], row["decile"]),
    "value_concentration": lambda row: row["period_start"],
    "decile_migration": lambda row: (row["period_start"], row["from_decile"], row["to_decile"]),
    "layers": lambda row: (row["period_start"], row["cohort_start"]),
    # rounded, as engines differ in the last digits of equal lifts
    "first_orders": lambda row: (-round(row["later_revenue_lift"] or 0, 6), row["property"], row["value"]),
    "engagement": lambda row: (row["period_start"], -row["customers"], row["stage"], row["interaction_type"]),
    "customers_to_contact": lambda row: row["place"],
}

CUSTOMERS_TO_CONTACT = """
    -- of several alerts that call for the same action, the one that began last
    with alerts as (
        select
            lifecycle_alerts.brand_id,
            lifecycle_alerts.customer_id,
            lifecycle_alerts.alert_type,
            lifecycle_alerts.message,
            lifecycle_alerts.message_ko,
            lifecycle_alerts.message_zh,
            lifecycle_alerts.since,
            row_number() over (
                partition by lifecycle_alerts.brand_id, lifecycle_alerts.customer_id
                order by lifecycle_alerts.severity, lifecycle_alerts.since desc, lifecycle_alerts.alert_id
            ) as alert_of_customer
        from lifecycle_alerts
        inner join customer_actions
            on
                lifecycle_alerts.brand_id = customer_actions.brand_id
                and lifecycle_alerts.customer_id = customer_actions.customer_id
                and lifecycle_alerts.action_code = customer_actions.action_code
    ),

    placed as (
        select
            customer_actions.brand_id,
            customer_actions.customer_id,
            customer_actions.action,
            customer_actions.action_ko,
            customer_actions.action_zh,
            customer_actions.channel,
            customer_actions.reason,
            customer_actions.reason_ko,
            customer_actions.reason_zh,
            customer_actions.since,
            customer_actions.due_until,
            customer_actions.value_at_stake,
            alerts.alert_type,
            alerts.message,
            alerts.message_ko,
            alerts.message_zh,
            row_number() over (partition by customer_actions.brand_id order by customer_actions.priority) as place
        from customer_actions
        left join alerts
            on
                customer_actions.brand_id = alerts.brand_id
                and customer_actions.customer_id = alerts.customer_id
                and alerts.alert_of_customer = 1
        where customer_actions.is_due
    )

    select *
    from placed
    where place <= {limit}
"""


@dataclass(frozen=True)
class Brand:
    """One brand's rows of every query of BY_BRAND, by its name, and its settings."""

    brand_id: str
    settings: dict[str, str | None]
    rows: dict[str, list[Row]]

    def __getitem__(self, name: str) -> list[Row]:
        """Give the brand's rows of a query; an empty list if there are none."""
        return self.rows.get(name, [])


@dataclass(frozen=True)
class Publication:
    """One publication as the report reads it. `glossary` is by language, mart and column."""

    publication_id: str
    as_of_date: date
    brands: dict[str, Brand]
    glossary: dict[tuple[str, str, str], Row]


def load(open_reader: Callable[[], AbstractContextManager[Reader]], customers: int = 0) -> Publication:
    """Read a publication, with the first `customers` customers of each brand whose action is due.

    Raises ReportError if there is none, or if another is published each time it is read: all queries have to see the
    same one, and Postgres schemas may be swapped between two of them.
    """
    for _ in range(3):
        with open_reader() as read:
            before = read(PUBLICATION)
            queries = {**BY_BRAND, "customers_to_contact": CUSTOMERS_TO_CONTACT.format(limit=customers)}
            results = {name: read(query) for name, query in queries.items()}
            settings, glossary = read(SETTINGS), read(GLOSSARY)
            if read(PUBLICATION) == before and before:
                return arrange(before[0], results, settings, glossary)
            if not before:
                raise ReportError("reference.publication is empty: run `make publish` first", NO_PUBLICATION)
    raise ReportError("another publication appeared each time this one was read: try again", NO_PUBLICATION)


def arrange(publication: Row, results: dict[str, list[Row]], settings: list[Row], glossary: list[Row]) -> Publication:
    """Give a publication from the rows of its queries. Every brand with settings is one of its brands."""
    by_brand: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for name, rows in results.items():
        for row in sorted(rows, key=ORDER.get(name, lambda row: 0)):
            by_brand[row["brand_id"]][name].append(row)
    settings_of: dict[str, dict[str, str | None]] = defaultdict(dict)
    for row in settings:
        settings_of[row["brand_id"]][row["setting"]] = row["value"]
    return Publication(
        publication_id=publication["publication_id"],
        as_of_date=publication["as_of_date"],
        brands={
            brand_id: Brand(brand_id, settings_of[brand_id], dict(by_brand[brand_id]))
            for brand_id in sorted(settings_of)
        },
        glossary={(row["language"], row["mart"], row["column_name"]): row for row in glossary},
    )
