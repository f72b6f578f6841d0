"""What needs attention, and what to do about it: alerts and actions."""

from __future__ import annotations

from itertools import groupby

from customer_lifecycle.reporting import charts
from customer_lifecycle.reporting.page import Figure, Section, Table, Writer
from customer_lifecycle.reporting.source import Row
from customer_lifecycle.reporting.texts import NOTHING


def alert_section(writer: Writer) -> Section:
    """What needs attention: the alerts of the brand in full, those of its customers counted."""
    t = writer.t
    rows = writer.brand["brand_alerts"]
    figures = [
        Figure(
            "alerts-brand",
            t("alert.brand.title"),
            "",
            open_table=True,
            table=Table(
                [t("alert.type"), t("alert.since"), t("alert.message"), t("alert.action")],
                [
                    [t.name("alert", row["alert_type"]), t.day(row["since"]), row["message"], row["action"] or NOTHING]
                    for row in rows
                ],
            ),
        )
        if rows
        else Figure("alerts-brand", t("alert.brand.title"), t("alert.brand.none")),
        alerts_figure(writer),
    ]
    return Section("alerts", t("alert.title"), figures)


def alerts_figure(writer: Writer) -> Figure:
    """Open alerts of customers by type."""
    t = writer.t
    title = t("alert.customers.title")
    rows = writer.brand["alerts"]
    if not rows:
        return Figure("alerts-customers", title, t("alert.customers.none"))
    (alerted,) = writer.brand["alerted_customers"]
    severities = {"high": "loss", "normal": "customers"}
    summary = t(
        "alert.customers.summary",
        alerts=t.count(sum(row["alerts"] for row in rows)),
        high=t.count(sum(row["alerts"] for row in rows if row["severity"] == "high")),
        customers=t.count(alerted["customers"]),
        value=t.money(alerted["value_at_stake"] or 0),
    )
    drawn = [
        {
            "category": t.name("alert", row["alert_type"]),
            "measure": t.name("severity", row["severity"]),
            "value": row["alerts"],
            "text": t.count(row["alerts"]),
            "amount": t.money(row["value_at_stake"]),
        }
        for row in rows
    ]
    shown = {row["severity"] for row in rows}
    legend = {t.name("severity", severity): colour for severity, colour in severities.items() if severity in shown}
    titles = {
        "category": t("alert.type"),
        "measure": t("alert.severity"),
        "text": t("alert.alerts"),
        "amount": t("alert.value"),
    }
    table = Table(
        [
            t("alert.type"),
            t("alert.severity"),
            t("alert.alerts"),
            t("alert.customers"),
            t("alert.value"),
            t("alert.newest"),
        ],
        [
            [
                t.name("alert", row["alert_type"]),
                t.name("severity", row["severity"]),
                t.count(row["alerts"]),
                t.count(row["customers"]),
                t.money(row["value_at_stake"]),
                t.day(row["last_since"]),
            ]
            for row in rows
        ],
        frozenset({2, 3, 4}),
    )
    return Figure(
        "alerts-customers",
        title,
        summary,
        charts.bars(drawn, legend, summary, titles),
        legend,
        table=table,
        beside=True,
    )


def action_section(writer: Writer) -> Section:
    """What to do: the actions of the playbook by value at stake, and on request whom to contact first."""
    t = writer.t
    figures = [actions_figure(writer)]
    rows = writer.brand["customers_to_contact"]
    if rows:
        table = Table(
            [
                t("action.customer"),
                t("alert.type"),
                t("alert.message"),
                t("action.action"),
                t("action.channel"),
                t("action.value"),
            ],
            [
                [
                    row["customer_id"],
                    t.name("alert", row["alert_type"]),
                    row["message"],
                    row["action"],
                    row["channel"] or NOTHING,
                    t.money(row["value_at_stake"]),
                ]
                for row in rows
            ],
            frozenset({5}),
        )
        summary = t("action.list.summary", customers=t.count(len(rows)))
        figures.append(Figure("actions-list", t("action.list.title"), summary, table=table, open_table=True))
    return Section("actions", t("action.title"), figures)


def actions_figure(writer: Writer) -> Figure:
    """The value at stake by action."""
    t = writer.t
    title = t("action.stakes.title")
    rows = writer.brand["actions"]
    if not rows:
        return Figure("action-stakes", title, t("action.stakes.none"))
    silent = sum(row["customers"] for row in rows if row["action_code"] == "none")
    by_action = sum_by_action([row for row in rows if row["action_code"] != "none"])
    if not by_action:
        return Figure("action-stakes", title, t("action.stakes.summary_none", silent=t.count(silent)))
    top = by_action[0]
    summary = t(
        "action.stakes.summary",
        action=top["action"],
        customers=t.count(top["customers"]),
        value=t.money(top["value_at_stake"]),
        silent=t.count(silent),
    )
    drawn = [
        {
            "category": row["action"],
            "measure": t("action.value"),
            "value": float(row["value_at_stake"] or 0),
            "text": f"{t.money(row['value_at_stake'])} ({t.count(row['customers'])})",
            "customers": t.count(row["customers"]),
        }
        for row in by_action[:10]
    ]
    legend = {t("action.value"): "customers"}
    titles = {"category": t("action.action"), "text": t("action.value"), "customers": t("action.customers")}
    table = Table(
        [t("action.action"), t("action.channel"), t("action.reason"), t("action.customers"), t("action.value")],
        [
            [
                NOTHING if row["action_code"] == "none" else row["action"],
                row["channel"] or NOTHING,
                row["reason"] or NOTHING,
                t.count(row["customers"]),
                t.money(row["value_at_stake"]),
            ]
            for row in rows
        ],
        frozenset({3, 4}),
    )
    return Figure("action-stakes", title, summary, charts.bars(drawn, legend, summary, titles), legend, table=table)


def sum_by_action(rows: list[Row]) -> list[Row]:
    """Give the actions, whatever their reason, with their customers and the value at stake, the most first."""
    by_action = [
        {
            "action": action,
            "customers": sum(row["customers"] for row in same),
            "value_at_stake": sum(row["value_at_stake"] or 0 for row in same),
        }
        for action, same in (
            (action, list(same))
            for action, same in groupby(sorted(rows, key=lambda row: row["action"]), key=lambda row: row["action"])
        )
    ]
    return sorted(by_action, key=lambda row: (-row["value_at_stake"], -row["customers"], row["action"]))
