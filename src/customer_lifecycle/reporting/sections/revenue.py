"""Why revenue changed, and the layers that it is made of."""

from __future__ import annotations

from datetime import date

from customer_lifecycle.reporting import charts
from customer_lifecycle.reporting.charts import SHADES
from customer_lifecycle.reporting.data import YEAR
from customer_lifecycle.reporting.page import Figure, Section, Table, Writer, margin, signed_money
from customer_lifecycle.reporting.source import Row

# the steps between the two levels of the bridge: column, whether it adds, and its variable of the style sheet
STEPS = {
    "paused": ("paused_revenue", False, "loss"),
    "contraction": ("contraction_revenue", False, "one-time"),
    "expansion": ("expansion_revenue", True, "again"),
    "resumed": ("resumed_revenue", True, "advocacy"),
    "new": ("new_revenue", True, "gain"),
}
# the effects that add up to the change, in the order in which ties for the main driver are broken
EFFECTS = {"buyers": "buyers_effect", "frequency": "frequency_effect", "order_value": "order_value_effect"}
# the columns of the table: the effects and their parts
PARTS = {
    "buyers": "buyers_effect",
    "first_time": "first_time_buyers_effect",
    "returning": "returning_buyers_effect",
    "frequency": "frequency_effect",
    "order_value": "order_value_effect",
    "gross": "gross_value_effect",
    "discount": "discount_effect",
    "refund": "refund_effect",
}
# how many quarters the layers show
QUARTERS = 12


def change_section(writer: Writer) -> Section:
    """Why revenue changed: customer by customer over a year, and by buyers, orders and order value over a month."""
    t = writer.t
    intro = [t("change.intro")]
    if any(row["period_grain"] == "year" and not row["is_complete_period"] for row in writer.brand["revenue_bridge"]):
        intro.append(t("change.intro_running"))
    return Section("change", t("change.title"), [change_figure(writer), drivers_figure(writer)], intro)


def period_of(writer: Writer, row: Row) -> str:
    """Give the name of a row's period."""
    t = writer.t
    if row["period_grain"] == "trailing_year":
        return t("report.trailing_year")
    name = t.year(row["period_start"]) if row["period_grain"] == "year" else t.month(row["period_start"])
    # only the bridge has periods that are running
    return name if row.get("is_complete_period", True) else t("change.running", period=name)


def change_figure(writer: Writer) -> Figure:
    """The bridge of the trailing year, or else of the latest year, as a waterfall; other years and months as a
    table."""
    t = writer.t
    rows = writer.brand["revenue_bridge"]
    levels = [row for row in rows if row["period_grain"] != "month"]
    if not levels:
        return Figure("change-bridge", t("change.bridge.title_none"), t("change.bridge.none"), half=True)
    row = levels[0]
    names = {name: t(f"change.{name}") for name in ("before", *STEPS, "now")}
    amounts = {"before": row["net_revenue_before"], "now": row["net_revenue"]}
    amounts |= {name: row[column] for name, (column, _, _) in STEPS.items()}
    summary = t("change.bridge.summary", **{name: t.money(amount) for name, amount in amounts.items()})
    gross, net = row["gross_revenue_retention"], row["net_revenue_retention"]
    if gross is not None:
        summary = t.together(summary, t("change.bridge.retention", gross=t.percent(gross), net=t.percent(net)))
    elif row["net_revenue_before"]:
        # first of all, so that nobody reads the rest as growth
        summary = t.together(t("change.bridge.retention_none"), summary)
        names["before"] = t("change.before_part")
    else:
        summary = t.together(summary, t("change.bridge.retention_zero"))
    level = row["net_revenue_before"]
    places = {"before": (0, level)}
    for name, (column, adds, _) in STEPS.items():
        after = level + row[column] if adds else level - row[column]
        places[name] = (level, after)
        level = after
    places["now"] = (0, row["net_revenue"])
    written = {name: t.money(amounts[name]) for name in ("before", "now")}
    written |= {
        name: signed_money(t, amounts[name] if adds else -amounts[name]) for name, (_, adds, _) in STEPS.items()
    }
    drawn = [
        {
            "category": names[name],
            "low": round(float(min(place)), 2),
            "high": round(float(max(place)), 2),
            "kind": name,
            "text": written[name],
        }
        for name, place in places.items()
    ]
    kinds = {"before": "level", **{name: colour for name, (_, _, colour) in STEPS.items()}, "now": "level"}
    chart = charts.spans(drawn, kinds, summary, {"category": t("bridge.step"), "text": t("change.revenue")})
    months = [row for row in rows if row["period_grain"] == "month"][:YEAR]
    order = ["net_revenue_before", *(column for column, _, _ in STEPS.values()), "net_revenue"]
    table = Table(
        [
            t("report.period"),
            *(t(f"change.{name}") for name in ("period_before", *STEPS, "now")),
            writer.label("revenue_bridge", "gross_revenue_retention"),
            writer.label("revenue_bridge", "net_revenue_retention"),
        ],
        [
            [
                period_of(writer, row),
                *(t.money(row[column]) for column in order),
                # who does not order every month has not left, so that retention says something over years alone
                *(
                    "" if row["period_grain"] == "month" else t.percent(row[f"{kind}_revenue_retention"])
                    for kind in ("gross", "net")
                ),
            ]
            for row in levels + months
        ],
        frozenset(range(1, 10)),
    )
    title = t("change.bridge.title", period=period_of(writer, row))
    return Figure("change-bridge", title, summary, chart, table=table, half=True)


def change_sentence(writer: Writer, row: Row) -> str:
    """Say how a month's revenue changed, and what counted most."""
    t = writer.t
    change, driver = row["revenue_change"], row["main_driver"]
    effect = row[EFFECTS[driver]]
    direction = "same" if not change else "up" if change > 0 else "down"
    said = t(
        f"change.drivers.{direction}.{row['compared_with']}",
        month=t.month(row["period_start"]),
        change=t.money(abs(change)),
    )
    if not effect:
        return said
    way = "up" if effect > 0 else "down"
    return t.together(said, t(f"change.driver.{driver}.{way}", effect=signed_money(t, effect)))


def drivers_figure(writer: Writer) -> Figure:
    """What moved the revenue of the latest complete month, against the year before if that is known, otherwise against
    the month before."""
    t = writer.t
    rows = writer.brand["revenue_drivers"]
    if not rows:
        return Figure("change-drivers", t("change.drivers.title_none"), t("change.drivers.none"), half=True)
    # year_before comes last, if it is there
    row = rows[-1]
    compared = row["compared_with"]
    summary = t.together(change_sentence(writer, row), t("change.drivers.note"))
    bars = {"all": (t("change.effect.all"), row["revenue_change"])}
    bars |= {name: (t(f"change.effect.{name}"), row[column]) for name, column in EFFECTS.items()}
    drawn = [
        {
            "category": name,
            "low": round(min(0.0, float(value)), 2),
            "high": round(max(0.0, float(value)), 2),
            "kind": "level" if key == "all" else "gain" if value > 0 else "loss",
            "text": signed_money(t, value),
        }
        for key, (name, value) in bars.items()
    ]
    kinds = {kind: kind for kind in ("level", "gain", "loss")}
    titles = {"category": t("change.effect"), "text": t("change.amount")}
    chart = charts.spans(drawn, kinds, summary, titles)
    shown = [row for row in reversed(rows) if row["compared_with"] == compared][:YEAR]
    table = Table(
        [
            t("report.month"),
            t("change.effect.all"),
            *(t(f"change.effect.{name}") for name in PARTS),
            t("change.main"),
        ],
        [
            [
                t.month(row["period_start"]),
                signed_money(t, row["revenue_change"]),
                *(signed_money(t, row[column]) for column in PARTS.values()),
                t(f"change.effect.{row['main_driver']}"),
            ]
            for row in shown
        ],
        frozenset(range(1, len(PARTS) + 2)),
    )
    title = t(f"change.drivers.title.{compared}", month=t.month(row["period_start"]))
    return Figure("change-drivers", title, summary, chart, table=table, half=True)


def layers_section(writer: Writer) -> Section:
    """The layers of revenue: each quarter's net revenue by the quarter of the customers' first order."""
    t = writer.t
    title = t("layers.area.title")
    intro = [writer.definition("cohort_calendar", "share_of_period"), margin(writer)]
    every = writer.brand["layers"]
    if not every:
        return Section("layers", t("layers.title"), [Figure("layers-area", title, t("layers.none"))], intro)
    quarters = sorted({row["period_start"] for row in every})[-QUARTERS:]
    rows = [row for row in every if row["period_start"] in quarters]
    cohorts = sorted({row["cohort_start"] for row in rows})
    latest = [row for row in rows if row["period_start"] == quarters[-1]]
    summary = layers_summary(writer, latest)
    truncated = [row["cohort_start"] for row in rows if row["is_left_truncated"]]
    if truncated:
        summary = t.together(summary, t("layers.area.truncated", quarter=t.quarter(max(truncated))))
    place = {start: number for number, start in enumerate(cohorts)}
    names = {start: t.quarter(start) for start in cohorts}
    # the latest in the first shade that can be told from the page, the earliest in the last
    shades = {
        names[start]: f"heat-{1 + (SHADES - 2) * (len(cohorts) - 1 - number) // max(1, len(cohorts) - 1)}"
        for start, number in place.items()
    }
    drawn = [
        {
            "period": t.quarter(row["period_start"]),
            "kind": names[row["cohort_start"]],
            "value": round(float(row["net_revenue"]), 2),
            "order": place[row["cohort_start"]],
            "text": t.money(row["net_revenue"]),
            "share": t.percent(row["share_of_period"]),
        }
        for row in rows
    ]
    heights = [sum(row["net_revenue"] for row in rows if row["period_start"] == quarter) for quarter in quarters]
    labels = {value: t.money(value) for value in charts.ticks(float(max(heights)))}
    titles = {
        "period": t("layers.quarter"),
        "kind": t("cohort.cohort"),
        "text": t("change.revenue"),
        "share": t("clv.share"),
    }
    # an area needs two sides
    chart = charts.stacked_areas(drawn, shades, labels, summary, titles) if len(quarters) > 1 else None
    figure = Figure(
        "layers-area",
        title,
        summary,
        chart,
        scale=t("layers.legend", latest=names[cohorts[-1]], earliest=names[cohorts[0]]) if chart else "",
        table=layers_table(writer, rows, cohorts),
    )
    return Section("layers", t("layers.title"), [figure], intro)


def layers_summary(writer: Writer, latest: list[Row]) -> str:
    """Say how much of the latest quarter's revenue comes from its own first buyers, and which layer is the largest."""
    t = writer.t
    quarter = t.quarter(latest[0]["period_start"])
    if latest[0]["share_of_period"] is None:
        return t("layers.area.summary_zero", quarter=quarter)
    own = next((row for row in latest if row["cohort_start"] == row["period_start"]), None)
    if own is None:
        summary = t("layers.area.summary_none", quarter=quarter)
    else:
        summary = t("layers.area.summary", quarter=quarter, share=t.percent(own["share_of_period"]))
    largest = max(latest, key=lambda row: row["share_of_period"])
    return t.together(
        summary,
        t(
            "layers.area.largest",
            cohort=t.quarter(largest["cohort_start"]),
            share=t.percent(largest["share_of_period"]),
        ),
    )


def layers_table(writer: Writer, rows: list[Row], cohorts: list[date]) -> Table:
    """The layers as a table, with what a customer of each cohort has brought in and cost, and when that paid back."""
    t = writer.t
    quarters = sorted({row["period_start"] for row in rows}, reverse=True)
    amounts = {(row["cohort_start"], row["period_start"]): t.money(row["net_revenue"]) for row in rows}
    # rows are in the order of their quarters
    last = {row["cohort_start"]: row for row in rows}
    return Table(
        [
            t("cohort.cohort"),
            t("layers.customers"),
            t("layers.contribution"),
            t("channel.cost"),
            t("layers.payback"),
            *(t.quarter(quarter) for quarter in quarters),
        ],
        [
            [
                t.quarter(start),
                t.count(last[start]["cohort_size"]),
                t.money(last[start]["cumulative_contribution_per_customer"]),
                t.money(last[start]["cost_per_acquisition"]),
                t("layers.not_judged")
                if last[start]["is_left_truncated"]
                else t.count(last[start]["payback_period_index"]),
                *(amounts.get((start, quarter), "") for quarter in quarters),
            ]
            for start in reversed(cohorts)
        ],
        frozenset(range(1, len(quarters) + 5)),
    )
