"""Who is active: month by month, against the inactive, and of which kind."""

from __future__ import annotations

from customer_lifecycle.reporting import charts
from customer_lifecycle.reporting.data import MONTHS, YEAR
from customer_lifecycle.reporting.page import Figure, Table, Writer

# the measures of `active_vs_inactive`, and how each is written
MEASURES = {
    "customers": "count",
    "revenue_share_365d": "percent",
    "net_revenue_365d": "money",
    "orders_per_customer_365d": "number",
    "average_historical_clv": "money",
    "average_predicted_clv_365d": "money",
    "interactions_per_customer": "number",
    "average_engagement_score": "number",
    "membership_share": "percent",
    "average_tenure_days": "count",
    "contacts_per_customer": "number",
    "average_feedback_score": "number",
}


def months_figure(writer: Writer) -> Figure:
    """The base at the end of each month: the active, and the dormant."""
    t = writer.t
    title = t("active.months.title")
    rows = writer.complete()[-MONTHS:]
    if not rows:
        return Figure("active-months", title, t("stage.mix.none"))
    names = {"active": t("active.active"), "dormant": t("active.dormant")}
    counts = {
        row["period_start"]: {
            "active": row["active_customers"],
            "dormant": row["customers_at_end"] - row["active_customers"],
        }
        for row in rows
    }
    drawn = [
        {
            "month": t.month(start),
            "kind": names[kind],
            "value": count,
            "order": order,
            "text": t.count(count),
        }
        for start, both in counts.items()
        for order, (kind, count) in enumerate(both.items())
    ]
    last = rows[-1]
    summary = t(
        "active.months.summary",
        month=t.month(last["period_start"]),
        active=t.count(last["active_customers"]),
        base=t.count(last["customers_at_end"]),
        share=t.percent(last["active_rate"]),
        dormant=t.count(counts[last["period_start"]]["dormant"]),
    )
    year_before = rows[-1 - YEAR] if len(rows) > YEAR else None
    if year_before and year_before["active_rate"] is not None:
        summary = t.together(
            summary,
            t(
                "active.months.before",
                month=t.month(year_before["period_start"]),
                share=t.percent(year_before["active_rate"]),
            ),
        )
    legend = {names["active"]: "retention", names["dormant"]: "one-time"}
    titles = {"month": t("report.month"), "kind": t("active.state"), "text": t("stage.customers")}
    table = Table(
        [
            t("report.month"),
            writer.label("brand_metrics", "customers_at_end"),
            names["active"],
            names["dormant"],
            writer.label("brand_metrics", "active_rate"),
        ],
        [
            [
                t.month(row["period_start"]),
                t.count(row["customers_at_end"]),
                *(t.count(count) for count in counts[row["period_start"]].values()),
                t.percent(row["active_rate"]),
            ]
            for row in reversed(rows)
        ],
        frozenset({1, 2, 3, 4}),
    )
    chart = charts.stacked_months(drawn, legend, summary, titles)
    return Figure("active-months", title, summary, chart, legend, table=table)


def groups_figure(writer: Writer) -> Figure:
    """Active and inactive customers side by side: revenue, value, engagement and relationship, as a table."""
    t = writer.t
    title = t("active.groups.title")
    groups = {row["segment"]: row for row in writer.brand["activity"]}
    if not any(row["customers"] for row in groups.values()):
        return Figure("active-groups", title, t("active.groups.none"), half=True)
    active, inactive = groups["active"], groups["inactive"]
    summary = t(
        "active.groups.summary",
        active=t.count(active["customers"]),
        inactive=t.count(inactive["customers"]),
        share=t.percent(active["revenue_share_365d"], 0),
        rest=t.percent(inactive["revenue_share_365d"], 0),
    )
    table = Table(
        [t("clv.figure"), t("active.active"), t("active.inactive")],
        [
            [t(f"active.measure.{column}"), *(getattr(t, kind)(group[column]) for group in (active, inactive))]
            for column, kind in MEASURES.items()
        ],
        frozenset({1, 2}),
    )
    return Figure("active-groups", title, summary, table=table, open_table=True, half=True)


def kinds_figure(writer: Writer) -> Figure:
    """The six kinds of active customers, as a table."""
    t = writer.t
    title = t("active.kinds.title")
    rows = writer.brand["active_kinds"]
    if not any(row["customers"] for row in rows):
        return Figure("active-kinds", title, t("active.kinds.none"), half=True)
    # the name of a kind is that of its column in `customers`
    names = {row["kind"]: writer.label("customers", f"is_{row['kind']}") for row in rows}
    most = max(rows, key=lambda row: row["customers"])
    summary = t(
        "active.kinds.summary",
        kind=names[most["kind"]],
        customers=t.count(most["customers"]),
        share=t.percent(most["share_of_active_customers"], 0),
    )
    table = Table(
        [
            t("active.kinds.kind"),
            t("stage.customers"),
            t("active.kinds.share"),
            t("metric.net_revenue_365d"),
        ],
        [
            [
                names[row["kind"]],
                t.count(row["customers"]),
                t.percent(row["share_of_active_customers"]),
                t.money(row["net_revenue_365d"]),
            ]
            for row in rows
        ],
        frozenset({1, 2, 3}),
    )
    return Figure("active-kinds", title, summary, table=table, open_table=True, half=True)
