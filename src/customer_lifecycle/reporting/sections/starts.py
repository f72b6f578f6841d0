"""What customers who become valuable have in common from their first order on."""

from __future__ import annotations

from customer_lifecycle.reporting import charts
from customer_lifecycle.reporting.page import Figure, Section, Table, Writer, signed
from customer_lifecycle.reporting.source import Row
from customer_lifecycle.reporting.texts import Texts

# how many bars a picture has at most: those farthest from all others
MOST = 16
# values that are the same in every brand
NAMED = ("(other)", "unknown", "true", "false")
# values that say nothing about whom to turn to
REST = ("(other)", "unknown")


def starts_section(writer: Writer) -> Section:
    """What valuable customers have in common from the start, over their first 180 and 365 days."""
    t = writer.t
    rows = writer.brand["first_orders"]
    horizons = sorted({row["horizon_days"] for row in rows})
    if not horizons:
        return Section("starts", t("starts.title"), [Figure("starts-180", t("starts.title_none"), t("starts.none"))])
    figures = [horizon_figure(writer, days, [row for row in rows if row["horizon_days"] == days]) for days in horizons]
    return Section("starts", t("starts.title"), figures, [t("starts.cause")])


def name_of(t: Texts, row: Row) -> str:
    """Give the name of a property with its value."""
    kind, value = row["property"], row["value"]
    if value in NAMED:
        name = t(f"starts.value.{value.strip('()')}")
    elif kind == "first_order_value_quartile" and value in ("1", "2", "3", "4"):
        name = t(f"starts.quartile.{value}")
    elif kind == "first_order_weekday" and value.isdecimal():
        name = t.weekday(int(value))
    elif kind == "first_order_month" and value.isdecimal():
        name = t.month_of_year(int(value))
    else:
        name = value
    return t("starts.name", property=t.name("starts.property", kind), value=name)


def chance(t: Texts, q: float | None) -> str:
    """Give a q value with three decimals, or that it is smaller than these can tell."""
    return t.number(q, 3) if q is None or q >= 0.001 else f"< {t.number(0.001, 3)}"


def verdict(t: Texts, row: Row) -> str:
    """Say whether a difference is notable; the group may be too small for a test."""
    if row["q_value"] is None:
        return t("starts.value.untested")
    return t("starts.value.true" if row["is_notable"] else "starts.value.false")


def notable_of(rows: list[Row]) -> tuple[list[Row], list[Row], list[Row]]:
    """Give the notable differences: all of them, those of groups that one can turn to, and the farthest of these."""
    every = [row for row in rows if row["is_notable"] and row["later_revenue_lift"] is not None]
    notable = [row for row in every if row["value"] not in REST] or every
    farthest = sorted(notable, key=lambda row: -abs(row["later_revenue_lift"] - 1))[:MOST]
    return every, notable, [row for row in notable if row in farthest]


def lift_sentence(writer: Writer, days: int, shown: list[Row]) -> str:
    """Name the first and the last of these groups, with their later revenue against all others'; there is at least
    one."""
    t = writer.t
    first, last = shown[0], shown[-1]
    return t(
        "starts.lift.summary" if len(shown) > 1 else "starts.lift.summary_one",
        days=t.count(days),
        first=name_of(t, first),
        first_difference=difference(t, first),
        last=name_of(t, last),
        last_difference=difference(t, last),
    )


def difference(t: Texts, row: Row) -> str:
    """Say how much more or less later revenue a group brought in than all others."""
    change = row["later_revenue_lift"] - 1
    return t("starts.lift.higher" if change >= 0 else "starts.lift.lower", share=t.percent(abs(change)))


def horizon_figure(writer: Writer, days: int, rows: list[Row]) -> Figure:
    """The notable differences of one horizon as bars, and all groups of customers as a table."""
    t = writer.t
    every, notable, shown = notable_of(rows)
    if shown:
        summary = lift_sentence(writer, days, shown)
        if len(notable) < len(every):
            summary = t.together(summary, t("starts.lift.rest"))
    else:
        summary = t("starts.lift.summary_none", days=t.count(days), groups=t.count(len(rows)))
    drawn = [
        {
            "category": name_of(t, row),
            "low": round(min(1.0, row["later_revenue_lift"]), 6),
            "high": round(max(1.0, row["later_revenue_lift"]), 6),
            "kind": "gain" if row["later_revenue_lift"] > 1 else "loss",
            "text": signed(t, row["later_revenue_lift"] - 1),
            "customers": t.count(row["customers"]),
        }
        for row in shown
    ]
    lift = writer.label("ltv_drivers", "later_revenue_lift")
    titles = {"category": t("starts.group"), "text": lift, "customers": t("clv.customers")}
    legend = {t("starts.lift.more"): "gain", t("starts.lift.less"): "loss"}
    chart = charts.spans(drawn, {"gain": "gain", "loss": "loss"}, summary, titles, baseline=1) if drawn else None
    table = Table(
        [
            t("starts.group"),
            t("clv.customers"),
            t("starts.ltv"),
            t("starts.later"),
            t("starts.others_later"),
            lift,
            t("starts.repeat"),
            writer.label("ltv_drivers", "repeat_lift"),
            t("starts.chance"),
            writer.label("ltv_drivers", "is_notable"),
        ],
        [
            [
                name_of(t, row),
                t.count(row["customers"]),
                t.money(row["average_ltv"]),
                t.money(row["average_later_revenue"]),
                t.money(row["others_average_later_revenue"]),
                t.number(row["later_revenue_lift"]),
                t.percent(row["repeat_rate"]),
                t.number(row["repeat_lift"]),
                chance(t, row["q_value"]),
                verdict(t, row),
            ]
            for row in rows
        ],
        frozenset(range(1, 9)),
    )
    title = t("starts.lift.title", days=t.count(days))
    return Figure(f"starts-{days}", title, summary, chart, legend if chart else {}, table=table)
