"""Who is loyal, and who only repeats: classes, tiers, what separates them, and how the classes change."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from customer_lifecycle.reporting import charts
from customer_lifecycle.reporting.data import YEAR
from customer_lifecycle.reporting.page import Figure, Section, Table, Writer, share, share_bars
from customer_lifecycle.reporting.rules import comparison_in_words, criterion_in_words, rule_in_words
from customer_lifecycle.reporting.source import Row

CLASSES = {"loyal": "loyal", "repeat": "repeat", "one_time": "one-time"}


def loyalty_section(writer: Writer) -> Section:
    """Who is loyal: classes, tiers, what separates them, and who became loyal since."""
    t = writer.t
    rule = writer.brand.settings.get("loyal_when", "")
    intro = [writer.definition("customers", "loyalty_class")]
    if rule:
        intro.append(rule_in_words(writer, rule))
    figures = [class_figure(writer), tier_figure(writer), criteria_figure(writer), history_figure(writer)]
    return Section("loyalty", t("loyalty.title"), figures, intro)


def class_figure(writer: Writer) -> Figure:
    """The loyalty classes by their share of customers and of revenue."""
    t = writer.t
    by_class = {row["loyalty_class"]: row for row in writer.brand["loyalty_classes"]}
    rows = [by_class[name] for name in (*CLASSES, "none") if name in by_class]
    loyal = by_class.get("loyal")
    if not loyal or not any(row["customers"] for row in rows):
        return Figure("loyalty-classes", t("loyalty.class.title"), t("loyalty.class.none"))
    summary = t(
        "loyalty.class.summary", share=t.percent(loyal["share_of_customers"]), revenue=t.percent(loyal["revenue_share"])
    )
    repeat = by_class.get("repeat")
    if repeat and repeat["customers"]:
        summary = t.together(summary, t("loyalty.class.repeat", share=t.percent(repeat["share_in_base"], 0)))
        if repeat["average_p_order_90d"] is not None and loyal["average_p_order_90d"] is not None:
            summary = t.together(
                summary,
                t(
                    "loyalty.class.orders",
                    loyal=t.percent(loyal["average_p_order_90d"], 0),
                    repeat=t.percent(repeat["average_p_order_90d"], 0),
                ),
            )
    return group_figure(writer, "loyalty-classes", t("loyalty.class.title"), summary, rows, "loyalty_class", "class")


def tier_figure(writer: Writer) -> Figure:
    """The tiers by their share of customers and of revenue."""
    t = writer.t
    rows = writer.brand["loyalty_tiers"]
    tiered = [row for row in rows if row["loyalty_tier"] != "none"]
    if not tiered:
        return Figure("loyalty-tiers", t("loyalty.tier.title"), t("loyalty.tier.none"), half=True)
    # the most valuable tier first
    tiered.sort(key=lambda row: (-(share(row["net_revenue"], row["customers"]) or 0), row["loyalty_tier"]))
    summary = t(
        "loyalty.tier.summary",
        share=t.percent(sum(row["share_of_customers"] or 0 for row in tiered)),
        revenue=t.percent(sum(row["revenue_share"] or 0 for row in tiered)),
    )
    rest = [row for row in rows if row["loyalty_tier"] == "none"]
    return group_figure(
        writer, "loyalty-tiers", t("loyalty.tier.title"), summary, tiered + rest, "loyalty_tier", "tier"
    )


def group_figure(
    writer: Writer, name: str, title: str, summary: str, rows: list[Row], column: str, kind: str
) -> Figure:
    """Groups of customers by their share of customers and of revenue, with their other figures."""
    t = writer.t
    chart, legend = share_bars(t, {t.name(kind, row[column]): row for row in rows}, summary, t(f"loyalty.{kind}"))
    heads = [
        "loyalty.number",
        "loyalty.customers",
        "loyalty.revenue",
        "loyalty.in_base",
        "loyalty.orders_again",
        "loyalty.high_risk",
        "loyalty.order_value",
        "loyalty.discounted",
        "loyalty.engagement",
    ]
    table = Table(
        [t(f"loyalty.{kind}"), *(t(head) for head in heads)],
        [
            [
                t.name(kind, row[column]),
                t.count(row["customers"]),
                t.percent(row["share_of_customers"]),
                t.percent(row["revenue_share"]),
                t.percent(row["share_in_base"], 0),
                t.percent(row["average_p_order_90d"], 0),
                t.percent(row["high_risk_share"], 0),
                t.money(row["average_order_value"]),
                t.percent(row["discounted_order_share"], 0),
                t.number(row["average_engagement_score"], 1),
            ]
            for row in rows
        ],
        frozenset(range(1, 10)),
    )
    return Figure(name, title, summary, chart, legend, table=table, half=True)


def criteria_figure(writer: Writer) -> Figure:
    """How many of each class meet each criterion of the brand."""
    t = writer.t
    title = t("loyalty.criteria.title")
    met: dict[str, dict[str, float]] = defaultdict(dict)
    conditions: dict[str, str] = {}
    for row in writer.brand["criteria"]:
        if row["loyalty_class"] in CLASSES:
            compared = row["metric"], row["op"], row["threshold"]
            criterion = criterion_in_words(writer, row["criterion"], *compared)
            met[criterion][row["loyalty_class"]] = row["customers_met"] / row["customers"]
            conditions[criterion] = comparison_in_words(writer, *compared)
    if not met:
        return Figure("loyalty-criteria", title, t("loyalty.criteria.none"))
    names = {name: t.name("class", name) for name in CLASSES}
    drawn = [
        {"category": criterion, "measure": names[name], "value": round(value, 6), "text": t.percent(value, 0)}
        for criterion, values in met.items()
        for name, value in sorted(values.items(), key=lambda pair: list(CLASSES).index(pair[0]))
    ]
    gaps = {
        criterion: values["loyal"] - values["repeat"]
        for criterion, values in met.items()
        if {"loyal", "repeat"} <= set(values)
    }
    if gaps:
        widest = max(gaps, key=lambda criterion: gaps[criterion])
        summary = t(
            "loyalty.criteria.summary",
            criterion=widest,
            loyal=t.percent(met[widest]["loyal"], 0),
            repeat=t.percent(met[widest]["repeat"], 0),
        )
    else:
        summary = t("loyalty.criteria.summary_open")
    legend = {names[name]: colour for name, colour in CLASSES.items()}
    titles = {"category": t("loyalty.criterion"), "measure": t("loyalty.class"), "text": t("loyalty.met")}
    table = Table(
        [t("loyalty.criterion"), t("loyalty.condition"), *names.values()],
        [
            [criterion, conditions[criterion], *(t.percent(values.get(name), 0) for name in CLASSES)]
            for criterion, values in met.items()
        ],
        frozenset({2, 3, 4}),
    )
    return Figure(
        "loyalty-criteria",
        title,
        summary,
        charts.bars(drawn, legend, summary, titles, top=1),
        legend,
        table=table,
        beside=True,
    )


def history_figure(writer: Writer) -> Figure:
    """The classes at the end of each month on record, who became loyal in it, and who no longer was."""
    t = writer.t
    title = t("loyalty.history.title")
    changes = writer.brand["loyalty_changes"]
    if not changes:
        return Figure("loyalty-history", title, t("loyalty.history.none"))
    as_of = writer.publication.as_of_date
    month, last = changes[0]["period_start"], as_of.replace(day=1)
    if month >= last:
        began = t.day(min(row["first_on"] for row in changes))
        return Figure("loyalty-history", title, t("loyalty.history.new", day=began))
    ends: dict[date, dict[str, int]] = {}
    customers = dict.fromkeys((*CLASSES, "none"), 0)
    while month <= last:
        of_month = [row for row in changes if row["period_start"] == month]
        for row in of_month:
            customers[row["loyalty_class"]] += int(row["customers"])
        moved = {column: sum(int(row[column]) for row in of_month) for column in ("became_loyal", "no_longer_loyal")}
        ends[month] = customers | moved
        month = (month + timedelta(days=31)).replace(day=1)
    # in the first month everyone is new to the record
    shown = list(ends)[1:][-YEAR:]
    summary = t(
        "loyalty.history.summary",
        month=t.month(shown[-1]),
        months=t.count(len(shown)),
        became=t.count(sum(ends[month]["became_loyal"] for month in shown)),
        left=t.count(sum(ends[month]["no_longer_loyal"] for month in shown)),
        loyal=t.count(ends[last]["loyal"]),
    )
    is_running = (as_of + timedelta(days=1)).day > 1
    names = {name: t.name("class", name) for name in customers}
    table = Table(
        [t("report.month"), *names.values(), t("loyalty.history.became"), t("loyalty.history.left")],
        [
            [
                t("change.running", period=t.month(month)) if is_running and month == last else t.month(month),
                *(t.count(count) for count in ends[month].values()),
            ]
            for month in reversed(shown)
        ],
        frozenset(range(1, len(names) + 3)),
    )
    return Figure("loyalty-history", title, summary, table=table)
