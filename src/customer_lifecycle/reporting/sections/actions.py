"""What needs attention, and what to do about it: alerts and actions."""

from __future__ import annotations

from itertools import groupby

from customer_lifecycle.reporting import charts
from customer_lifecycle.reporting.data import URGENCIES
from customer_lifecycle.reporting.page import Figure, Section, Table, Writer, margin
from customer_lifecycle.reporting.source import Row
from customer_lifecycle.reporting.texts import NOTHING

# how many lines the first screen has at most
TODAY = 6


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
                    [
                        t.name("alert", row["alert_type"]),
                        t.short_day(row["since"]),
                        t.of(row, "message"),
                        t.of(row, "action") or NOTHING,
                    ]
                    for row in rows
                ],
            ),
        )
        if rows
        else Figure("alerts-brand", t("alert.brand.title"), t("alert.brand.none")),
        alerts_figure(writer),
    ]
    return Section("alerts", t("alert.title"), figures)


def today_figure(writer: Writer) -> tuple[Figure, str]:
    """What to do today, the urgent first: the alerts of the brand, then the actions that are due by the alert that
    calls for them, then the others by value at stake. With it: how many lines are left out, or nothing."""
    t = writer.t
    due = writer.brand["today"]
    whole = sorted(writer.brand["brand_alerts"], key=lambda row: URGENCIES.index(row["severity"]))
    lines = [
        [
            t.of(row, "action") or NOTHING,
            t(f"today.urgency.{row['severity']}"),
            t("alert.named", name=t.name("alert", row["alert_type"]), text=t.of(row, "message")),
            t("today.whole"),
            NOTHING,
            NOTHING,
        ]
        for row in whole
    ]
    lines += [
        [
            t.of(row, "action"),
            t(f"today.urgency.{row['severity'] or 'routine'}"),
            t.name("alert", row["alert_type"]) if row["alert_type"] else t.of(row, "reason") or NOTHING,
            t.count(row["customers"]),
            t.money(row["value_at_stake"]),
            t.short_day(row["due_until"]) if row["due_until"] else t("action.while_it_lasts"),
        ]
        for row in due
    ]
    if not lines:
        return Figure("today", t("today.title"), t("today.none")), ""
    summary = t(
        "today.summary",
        customers=t.count(sum(row["customers"] for row in due)),
        value=t.money(sum(row["value_at_stake"] or 0 for row in due)),
    )
    head = [
        t("action.action"),
        t("today.urgency"),
        t("action.reason"),
        t("action.customers"),
        t("action.value"),
        t("today.due"),
    ]
    shown = lines[: max(TODAY, len(whole))]
    more = ""
    if len(shown) < len(lines):
        more = t("today.more", shown=t.count(len(shown)), all=t.count(len(lines)), section=t("action.title"))
    table = Table(head, shown, frozenset({3, 4}))
    return Figure("today", t("today.title"), summary if due else "", table=table, open_table=True), more


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
    if sum(row["alerts"] for row in rows) > alerted["customers"]:
        summary = t.together(summary, t("alert.customers.several"))
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
                t.short_day(row["last_since"]),
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
    """What to do: the actions that are due by value at stake, and on request whom to contact first."""
    t = writer.t
    figures = [actions_figure(writer)]
    rows = writer.brand["customers_to_contact"]
    if rows:
        table = Table(
            [
                t("action.customer"),
                t("action.value"),
                t("action.due_until"),
                t("action.action"),
                t("action.reason"),
                t("action.channel"),
                t("action.since"),
            ],
            [
                [
                    row["customer_id"],
                    t.money(row["value_at_stake"]),
                    t.short_day(row["due_until"]) if row["due_until"] else t("action.while_it_lasts"),
                    t.of(row, "action"),
                    t("alert.named", name=t.name("alert", row["alert_type"]), text=t.of(row, "message"))
                    if row["alert_type"]
                    else t.of(row, "reason"),
                    t.name("contact", row["channel"]) if row["channel"] else NOTHING,
                    t.short_day(row["since"]),
                ]
                for row in rows
            ],
            frozenset({1}),
        )
        summary = t("action.list.summary", customers=t.count(len(rows)))
        figures.append(Figure("actions-list", t("action.list.title"), summary, table=table, open_table=True))
    return Section("actions", t("action.title"), figures, [t("action.intro"), margin(writer)])


def actions_figure(writer: Writer) -> Figure:
    """The value at stake by action, of the customers for whom it is due."""
    t = writer.t
    title = t("action.stakes.title")
    rows = writer.brand["actions"]
    if not rows:
        return Figure("action-stakes", title, t("action.stakes.none"))
    silent = sum(row["customers"] for row in rows if row["action_code"] == "none")
    actions = [row for row in rows if row["action_code"] != "none"]
    if not actions:
        return Figure("action-stakes", title, t("action.stakes.summary_none", silent=t.count(silent)))
    due = sum_by_action([row | {"action": t.of(row, "action")} for row in actions if row["due_customers"]])
    table = Table(
        [
            t("action.action"),
            t("action.channel"),
            t("action.reason"),
            t("action.customers"),
            t("action.due"),
            t("action.due_value"),
        ],
        [
            [
                NOTHING if row["action_code"] == "none" else t.of(row, "action"),
                t.name("contact", row["channel"]) if row["channel"] else NOTHING,
                t.of(row, "reason") or NOTHING,
                t.count(row["customers"]),
                t.count(row["due_customers"]),
                t.money(row["due_value"]),
            ]
            for row in rows
        ],
        frozenset({3, 4, 5}),
    )
    if not due:
        return Figure("action-stakes", title, t("action.stakes.summary_idle", silent=t.count(silent)), table=table)
    top = due[0]
    summary = t(
        "action.stakes.summary",
        due=t.count(sum(row["due_customers"] for row in due)),
        of=t.count(sum(row["customers"] for row in actions)),
        action=top["action"],
        customers=t.count(top["due_customers"]),
        value=t.money(top["due_value"]),
        silent=t.count(silent),
    )
    drawn = [
        {
            "category": row["action"],
            "measure": t("action.value"),
            "value": float(row["due_value"]),
            "text": f"{t.money(row['due_value'])} ({t.count(row['due_customers'])})",
            "customers": t.count(row["due_customers"]),
        }
        for row in due[:10]
    ]
    legend = {t("action.value"): "customers"}
    titles = {"category": t("action.action"), "text": t("action.due_value"), "customers": t("action.due")}
    return Figure("action-stakes", title, summary, charts.bars(drawn, legend, summary, titles), legend, table=table)


def sum_by_action(rows: list[Row]) -> list[Row]:
    """Give the actions, whatever their reason, with their customers and the value at stake, the most first."""
    by_action = [
        {
            "action": action,
            "due_customers": sum(row["due_customers"] for row in same),
            "due_value": sum(row["due_value"] for row in same),
        }
        for action, same in (
            (action, list(same))
            for action, same in groupby(sorted(rows, key=lambda row: row["action"]), key=lambda row: row["action"])
        )
    ]
    return sorted(by_action, key=lambda row: (-row["due_value"], -row["due_customers"], row["action"]))
