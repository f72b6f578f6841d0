"""What customers of each stage do, how often against the year before, and the subscriptions that they cancel."""

from __future__ import annotations

from customer_lifecycle.reporting.data import MONTHS
from customer_lifecycle.reporting.page import Figure, Section, Table, Writer, signed
from customer_lifecycle.reporting.sections.stages import IN_ORDER

# how many types of interaction the table has for each stage: those of the most customers
MOST = 5


def engagement_section(writer: Writer) -> Section:
    """What customers of each stage do, and the subscriptions that start and end."""
    t = writer.t
    figures = [interactions_figure(writer), subscriptions_figure(writer)]
    return Section("engagement", t("engagement.title"), figures, [t("engagement.intro")])


def interactions_figure(writer: Writer) -> Figure:
    """The most common interactions of each stage in the latest complete month, as a table."""
    t = writer.t
    every = writer.brand["engagement"]
    if not every:
        return Figure("engagement-stages", t("engagement.title_none"), t("engagement.none"))
    # rows are in the order of their months, then of their customers
    latest = [row for row in every if row["period_start"] == every[-1]["period_start"]]
    rows = [row for stage in IN_ORDER for row in [row for row in latest if row["stage"] == stage][:MOST]]
    month = t.month(latest[0]["period_start"])
    widest = latest[0]
    summary = t(
        "engagement.summary",
        month=month,
        stage=t.name("stage", widest["stage"]),
        type=t.name("interaction", widest["interaction_type"]),
        customers=t.count(widest["customers"]),
        times=t.number(widest["interactions_per_customer"]),
    )
    if all(row["interactions_per_customer_change_yoy"] is None for row in latest):
        summary = t.together(summary, t("engagement.no_year"))
    table = Table(
        [
            t("stage.stage"),
            t("engagement.type"),
            t("stage.customers"),
            t("engagement.times"),
            t("engagement.times_before"),
            t("engagement.change"),
        ],
        [
            [
                t.name("stage", row["stage"]),
                t.name("interaction", row["interaction_type"]),
                t.count(row["customers"]),
                t.number(row["interactions_per_customer"]),
                t.number(row["interactions_per_customer_prior_year"]),
                signed(t, row["interactions_per_customer_change_yoy"]),
            ]
            for row in rows
        ],
        frozenset({2, 3, 4, 5}),
    )
    title = t("engagement.table.title", month=month, most=t.count(MOST))
    return Figure("engagement-stages", title, summary, table=table, open_table=True)


def subscriptions_figure(writer: Writer) -> Figure:
    """The subscriptions that ran at the start of each month, started and were cancelled, as a table."""
    t = writer.t
    title = t("engagement.subscriptions.title")
    rows = [row for row in writer.complete()[-MONTHS:] if row["subscription_cancellation_rate"] is not None]
    if not rows:
        return Figure("engagement-subscriptions", title, t("engagement.subscriptions.none"))
    *earlier, last = rows
    summary = t(
        "engagement.subscriptions.summary",
        month=t.month(last["period_start"]),
        running=t.count(last["subscriptions_at_start"]),
        rate=t.percent(last["subscription_cancellation_rate"]),
        started=t.count(last["subscriptions_started"]),
    )
    if earlier:
        mean = sum(row["subscription_cancellation_rate"] for row in earlier) / len(earlier)
        summary = t.together(
            summary, t("engagement.subscriptions.mean", months=t.count(len(earlier)), mean=t.percent(mean))
        )
    counts = ("subscriptions_at_start", "subscriptions_started", "subscriptions_cancelled")
    rate = "subscription_cancellation_rate"
    table = Table(
        [t("report.month"), *(writer.label("brand_metrics", column) for column in (*counts, rate))],
        [
            [t.month(row["period_start"]), *(t.count(row[column]) for column in counts), t.percent(row[rate])]
            for row in reversed(rows)
        ],
        frozenset({1, 2, 3, 4}),
    )
    return Figure("engagement-subscriptions", title, summary, table=table)
