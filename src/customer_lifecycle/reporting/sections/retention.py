"""How many stay, and do they come back: the bridge, repeat churn and lapse rate, and cohorts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from customer_lifecycle.reporting import charts
from customer_lifecycle.reporting.data import ENOUGH, MONTHS, YEAR
from customer_lifecycle.reporting.page import (
    Figure,
    Section,
    Table,
    View,
    Writer,
    channel_name,
    comparable,
    margin,
    shade,
    share,
    starred,
    truncated_months,
)
from customer_lifecycle.reporting.source import Row
from customer_lifecycle.reporting.texts import NOTHING

BRIDGE = {
    "start": "customers_at_start",
    "lost": "lost_customers",
    "new": "new_customers",
    "back": "reactivated_customers",
    "end": "customers_at_end",
}
# how many cohorts of a grain a table shows
COHORTS = {"month": MONTHS, "quarter": 8, "year": 5}
MEASURES = ("share", "customers", "revenue", "value")
# amounts of thirteen months in full do not fit on a page
VALUE_MONTHS = (0, 1, 2, 3, 4, 5, 6, 9, 12)
# what a table of cohorts adds up
ADDED = ("purchasing_customers", "cohort_size", "net_revenue", "cumulative_net_revenue")
# how opaque the bars of months are of which it is not known who is new
PALE = 0.4
# how many channels the table has at most: those of the most first buyers
CHANNELS = 24


def bridge_section(writer: Writer) -> Section:
    """How many stay: one month's bridge, customers won and lost, repeat churn and lapse rate."""
    t = writer.t
    rows = writer.complete()[-MONTHS:]
    intro = [t("bridge.intro")]
    if not rows:
        figures = [Figure("bridge-gains", t("bridge.gains.title"), t("bridge.none"))]
        return Section("bridge", t("bridge.title"), figures, intro)
    names = {name: t(f"bridge.{name}") for name in BRIDGE}
    rates = ("repeat_churn_rate", "lapse_rate", "churn_rate")
    table = Table(
        [
            t("report.month"),
            names["start"],
            names["lost"],
            t("bridge.lost_repeat"),
            names["new"],
            names["back"],
            names["end"],
            *(writer.label("brand_metrics", rate) for rate in rates),
        ],
        [
            [
                starred(t.month(row["period_start"]), row),
                t.count(row["customers_at_start"]),
                t.count(row["lost_customers"]),
                t.count(row["lost_repeat_customers"]),
                t.count(row["new_customers"]),
                t.count(row["reactivated_customers"]),
                t.count(row["customers_at_end"]),
                *(t.percent(row[rate]) for rate in rates),
            ]
            for row in reversed(rows)
        ],
        frozenset(range(1, 10)),
    )
    figures = [
        bridge_figure(writer, rows[-1], names),
        gains_figure(writer, rows, names, table),
        churn_figure(writer, rows),
        lapse_figure(writer, rows),
    ]
    truncated = truncated_months(writer, rows, "period_start")
    if truncated:
        intro.append(t.together(truncated, t("bridge.truncated")))
    return Section("bridge", t("bridge.title"), figures, intro)


def bridge_figure(writer: Writer, row: Row, names: dict[str, str]) -> Figure:
    """The bridge of one month, as a waterfall."""
    t = writer.t
    month = t.month(row["period_start"])
    counts = {name: row[column] for name, column in BRIDGE.items()}
    left = counts["start"] - counts["lost"]
    spans = {
        "start": (0, counts["start"], "level"),
        "lost": (left, counts["start"], "loss"),
        "new": (left, left + counts["new"], "gain"),
        "back": (left + counts["new"], counts["end"], "again"),
        "end": (0, counts["end"], "level"),
    }
    signs = {"lost": "−", "new": "+", "back": "+"}
    drawn = [
        {
            "step": names[name],
            "low": low,
            "high": high,
            "kind": kind,
            "text": (signs.get(name, "") if counts[name] else "") + t.count(counts[name]),
        }
        for name, (low, high, kind) in spans.items()
    ]
    summary = t("bridge.month.summary", month=month, **{name: t.count(count) for name, count in counts.items()})
    kinds = {kind: kind for kind in ("level", "loss", "gain", "again")}
    chart = charts.waterfall(drawn, kinds, summary, {"step": t("bridge.step"), "text": t("stage.customers")})
    table = Table(
        [t("bridge.step"), t("stage.customers")],
        [[names[name], t.count(counts[name])] for name in names],
        frozenset({1}),
    )
    return Figure("bridge-month", t("bridge.month.title", month=month), summary, chart, table=table, half=True)


def gains_figure(writer: Writer, rows: list[Row], names: dict[str, str], table: Table) -> Figure:
    """Customers won and won back above the line, lost ones below it: those who had come back, and one-time buyers."""
    t = writer.t
    # the kind next to the line comes first
    kinds = {
        "new": (names["new"], "gain", 1),
        "back": (names["back"], "again", 1),
        "lost_repeat": (t("bridge.lost_repeat"), "loss", -1),
        "lost_once": (t("bridge.lost_once"), "one-time", -1),
    }
    counts = {
        row["period_start"]: {
            "new": row["new_customers"],
            "back": row["reactivated_customers"],
            "lost_repeat": row["lost_repeat_customers"],
            "lost_once": row["lost_customers"] - row["lost_repeat_customers"],
        }
        for row in rows
    }
    drawn = [
        {
            "month": t.month(row["period_start"]),
            "kind": name,
            "value": sign * counts[row["period_start"]][kind],
            "order": order,
            "text": t.count(counts[row["period_start"]][kind]),
            "ink": PALE if row["is_left_truncated"] else 1,
        }
        for row in rows
        for order, (kind, (name, _, sign)) in enumerate(kinds.items())
    ]
    worst = max(rows, key=lambda row: row["lost_customers"])
    summary = t(
        "bridge.gains.summary",
        months=t.count(len(rows)),
        month=t.month(rows[-1]["period_start"]),
        won=t.count(sum(row["new_customers"] + row["reactivated_customers"] for row in rows)),
        lost=t.count(sum(row["lost_customers"] for row in rows)),
        repeat=t.count(sum(row["lost_repeat_customers"] for row in rows)),
        worst_month=t.month(worst["period_start"]),
        worst=t.count(worst["lost_customers"]),
        worst_repeat=t.count(worst["lost_repeat_customers"]),
    )
    legend = {name: colour for name, colour, _ in kinds.values()}
    titles = {"month": t("report.month"), "kind": t("bridge.step"), "text": t("stage.customers")}
    chart = charts.stacked_months(drawn, legend, summary, titles)
    return Figure("bridge-gains", t("bridge.gains.title"), summary, chart, legend, table=table, half=True)


def rate_line(writer: Writer, rows: list[Row], rate: str, part: str, whole: str) -> list[dict[str, object]]:
    """Give what `monthly_line` draws of a rate: grey points where it is not known who is new."""
    t = writer.t
    return [
        {
            "month": t.month(row["period_start"]),
            "value": round(row[rate], 6),
            "text": f"{t.percent(row[rate])} ({t.count(row[part])} / {t.count(row[whole])})",
            "point": "one-time" if row["is_left_truncated"] else "loss",
        }
        for row in rows
    ]


def rate_table(writer: Writer, known: list[Row], label: str, rate: str, part: str, whole: str) -> Table:
    """Give the months of a rate as a table, the latest first: what it is of, and the rate."""
    t = writer.t
    columns = (whole, part)
    return Table(
        [t("report.month"), *(writer.label("brand_metrics", column) for column in columns), label],
        [
            [
                starred(t.month(row["period_start"]), row),
                *(t.count(row[column]) for column in columns),
                t.percent(row[rate]),
            ]
            for row in reversed(known)
        ],
        frozenset({1, 2, 3}),
    )


def rate_values(writer: Writer, known: list[Row], rate: str, part: str, whole: str) -> dict[str, str]:
    """Give the values of a sentence about a rate in the latest month, and its mean over the comparable ones before."""
    t = writer.t
    last, earlier = known[-1], comparable(known[:-1])
    values = {
        "month": t.month(last["period_start"]),
        "rate": t.percent(last[rate]),
        "part": t.count(last[part]),
        "whole": t.count(last[whole]),
    }
    if earlier:
        values["months"] = t.count(len(earlier))
        values["mean"] = t.percent(sum(row[rate] for row in earlier) / len(earlier))
    return values


def churn_story(writer: Writer, months: list[Row]) -> list[str]:
    """Say what the base came to in the last of these months, and whether more repeat customers left than usually; a
    difference of less than two standard errors may be chance."""
    t, month = writer.t, months[-1]
    known = [row for row in months[-MONTHS:] if row["repeat_churn_rate"] is not None]
    if len(known) < 2 or known[-1] is not month:
        return []
    columns = ("repeat_churn_rate", "lost_repeat_customers", "repeat_customers_at_start")
    earlier = comparable(known[:-1])
    usual = sum(row["repeat_churn_rate"] for row in earlier) / len(earlier)
    error = (usual * (1 - usual) / month["repeat_customers_at_start"]) ** 0.5
    return [
        t.together(
            t("story.base", start=t.count(month["customers_at_start"]), end=t.count(month["customers_at_end"])),
            t("bridge.churn.summary", **rate_values(writer, known, *columns)),
            t("story.chance") if 0 < abs(month["repeat_churn_rate"] - usual) < 2 * error else "",
        )
    ]


def churn_figure(writer: Writer, rows: list[Row]) -> Figure:
    """The churn of repeat customers by month, with the threshold of its alert, and the flat churn rate in words."""
    t = writer.t
    columns = ("repeat_churn_rate", "lost_repeat_customers", "repeat_customers_at_start")
    known = [row for row in rows if row["repeat_churn_rate"] is not None]
    title = t("bridge.churn.title")
    if not known:
        return Figure("bridge-churn", title, t("bridge.churn.none"), half=True)
    values = rate_values(writer, known, *columns)
    summary = t("bridge.churn.summary" if "mean" in values else "bridge.churn.summary_first", **values)
    if known[-1]["churn_rate"] is not None:
        summary = t.together(summary, t("bridge.churn.flat", churn=t.percent(known[-1]["churn_rate"])))
    setting = writer.brand.settings.get("alerts.churn_rate_high.churn_rate")
    threshold = float(setting) if setting else None
    label = writer.label("brand_metrics", "repeat_churn_rate")
    legend = {label: "loss"}
    if threshold is not None:
        legend[t("bridge.churn.threshold", threshold=t.percent(threshold))] = "soft"
    drawn = rate_line(writer, known, *columns)
    chart = charts.monthly_line(drawn, threshold, summary, {"month": t("report.month"), "text": label})
    table = rate_table(writer, known, label, *columns)
    return Figure("bridge-churn", title, summary, chart, legend, table=table, half=True)


def lapse_figure(writer: Writer, rows: list[Row]) -> Figure:
    """Of those whose time ran out, who did not come back, by month; and who came back within 180 days of leaving."""
    t = writer.t
    columns = ("lapse_rate", "lost_customers", "at_risk_customers")
    known = [row for row in rows if row["lapse_rate"] is not None]
    title = t("bridge.lapse.title")
    if not known:
        return Figure("bridge-lapse", title, t("bridge.lapse.none"), half=True)
    values = rate_values(writer, known, *columns)
    summary = t("bridge.lapse.summary" if "mean" in values else "bridge.lapse.summary_first", **values)
    returned = [row for row in rows if row["reactivated_within_180d_rate"] is not None]
    if returned:
        summary = t.together(
            summary,
            t(
                "bridge.lapse.back",
                month=t.month(returned[-1]["period_start"]),
                back=t.percent(returned[-1]["reactivated_within_180d_rate"]),
            ),
        )
    label = writer.label("brand_metrics", "lapse_rate")
    drawn = rate_line(writer, known, *columns)
    chart = charts.monthly_line(drawn, None, summary, {"month": t("report.month"), "text": label})
    table = rate_table(writer, known, label, *columns)
    return Figure("bridge-lapse", title, summary, chart, {label: "loss"}, table=table, half=True)


def cohort_section(writer: Writer) -> Section:
    """Do they come back: the share of each month's first buyers that bought again in later months."""
    t = writer.t
    rows = [row for row in latest_cohorts(writer, "month") if row["period_index"] > 0]
    intro = [writer.definition("cohort_retention", "retention_rate")]
    title = t("cohort.heat.title")
    if not rows:
        figures = [Figure("cohort-heat", title, t("cohort.none")), channels_figure(writer)]
        return Section("cohorts", t("cohort.title"), figures, intro)
    highest = max(row["retention_rate"] for row in comparable(rows))
    names = {row["cohort_start"]: f"{t.month(row['cohort_start'])} ({t.count(row['cohort_size'])})" for row in rows}
    drawn = [
        {
            "row": names[row["cohort_start"]],
            "column": row["period_index"],
            "shade": "stay" if row["is_left_truncated"] else shade(row["retention_rate"], highest),
            "text": t.number(100 * row["retention_rate"], 0),
            "share": t.percent(row["retention_rate"]),
            "customers": t.count(row["purchasing_customers"]),
        }
        for row in rows
    ]
    firsts = {row["cohort_start"]: row for row in comparable(rows) if row["period_index"] == 1}
    low, high = (choose(firsts.values(), key=lambda row: row["retention_rate"]) for choose in (min, max))
    buyers = sum(row["cohort_size"] for row in firsts.values())
    first = share(sum(row["purchasing_customers"] for row in firsts.values()), buyers)
    summary = t(
        "cohort.heat.summary_few"
        if buyers < ENOUGH
        else "cohort.heat.summary"
        if len(firsts) > 1
        else "cohort.heat.summary_flat",
        customers=t.count(buyers),
        first=t.percent(first),
        low=t.percent(low["retention_rate"]),
        low_month=t.month(low["cohort_start"]),
        high=t.percent(high["retention_rate"]),
        high_month=t.month(high["cohort_start"]),
    )
    truncated = [row["cohort_start"] for row in rows if row["is_left_truncated"]]
    if truncated:
        summary = t.together(summary, t("cohort.heat.truncated", month=t.month(max(truncated))))
    titles = {
        "row": t("cohort.cohort"),
        "column": t("cohort.index"),
        "share": t("cohort.rate"),
        "customers": t("cohort.customers"),
    }
    chart = charts.heat_map(drawn, summary, titles, t("cohort.heat.x"))
    first_view, *views = cohort_views(writer)
    figure = Figure(
        "cohort-heat",
        title,
        summary,
        chart,
        scale=t("cohort.legend"),
        table=first_view.table,
        table_label=first_view.label,
        views=views,
    )
    return Section("cohorts", t("cohort.title"), [figure, channels_figure(writer)], intro + second_purchase(writer))


def latest_cohorts(writer: Writer, grain: str) -> list[Row]:
    """Give the complete periods of the latest cohorts of a grain that have customers."""
    rows = [row for row in writer.brand["cohorts"] if row["cohort_grain"] == grain and row["cohort_size"]]
    starts = sorted({row["cohort_start"] for row in rows})[-COHORTS[grain] :]
    return [row for row in rows if row["cohort_start"] in starts]


def cohort_views(writer: Writer) -> list[View]:
    """The cohorts of months, quarters and years: the share that bought again, how many bought, what they brought in,
    and what a customer had been worth by then."""
    t = writer.t
    views = []
    for grain in COHORTS:
        rows = latest_cohorts(writer, grain)
        for measure in MEASURES:
            # in the period of the first order, all bought
            measured = [row for row in rows if measure != "share" or row["period_index"] > 0]
            if measured:
                label = t("cohort.view", grain=t(f"cohort.grain.{grain}"), measure=t(f"cohort.measure.{measure}"))
                views.append(View(f"{grain}_{measure}", label, cohort_table(writer, measured, measure)))
    return views


def cohort_table(writer: Writer, rows: list[Row], measure: str) -> Table:
    """The cohorts of one grain by the periods after the first order, and their average, without those of which it is
    not known who is new: of shares and values over all customers, of counts and revenue over the cohorts."""
    t = writer.t
    margin_rate = float(writer.brand.settings.get("margin_rate") or 1)
    grain = rows[0]["cohort_grain"]

    def cell(of_cell: list[Row]) -> str:
        sums = {name: sum((row[name] for row in of_cell), Decimal(0)) for name in ADDED}
        if measure == "share":
            return t.percent(share(sums["purchasing_customers"], sums["cohort_size"]), 0)
        if measure == "value":
            return t.money(margin_rate * float(sums["cumulative_net_revenue"]) / float(sums["cohort_size"]))
        total = sums["net_revenue" if measure == "revenue" else "purchasing_customers"]
        mean = total if len(of_cell) == 1 else float(total) / len(of_cell)
        return t.money(mean) if measure == "revenue" else t.number(mean, 0)

    by_start: dict[date, dict[int, Row]] = {}
    by_index: dict[int, list[Row]] = {}
    for row in rows:
        by_start.setdefault(row["cohort_start"], {})[row["period_index"]] = row
    for row in rows:
        if not row["is_left_truncated"]:
            by_index.setdefault(row["period_index"], []).append(row)
    indexes = sorted({row["period_index"] for row in rows})
    if (grain, measure) == ("month", "value"):
        indexes = [index for index in indexes if index in VALUE_MONTHS]
    name_of = {"month": t.month, "quarter": t.quarter, "year": t.year}[grain]
    lines = []
    for start, of_cohort in by_start.items():
        row = next(iter(of_cohort.values()))
        name = starred(f"{name_of(start)} ({t.count(row['cohort_size'])})", row)
        lines.append([name, *(cell([of_cohort[index]]) if index in of_cohort else "" for index in indexes)])
    if by_index:
        lines.append([t("cohort.average"), *(cell(by_index[index]) if index in by_index else "" for index in indexes)])
    return Table(
        [t("cohort.heat.y"), *(f"+{index}" for index in indexes)],
        lines,
        frozenset(range(1, len(indexes) + 1)),
    )


def channels_figure(writer: Writer) -> Figure:
    """Do they come back, and what are they worth, by the sales channel of the first order, as a table: sums over the
    cohorts that are old enough, and nothing of fewer than ENOUGH first buyers."""
    t = writer.t
    title = t("cohort.channel.title")
    by_channel: dict[str, dict[int, Row]] = {}
    for row in writer.brand["channel_cohorts"]:
        by_channel.setdefault(row["channel"], {})[row["period_index"]] = row
    if not any(1 in ages for ages in by_channel.values()):
        return Figure("cohort-channels", title, t("cohort.channel.none"))
    # a channel whose first cohort began this month has no complete month yet
    sizes = {channel: ages[0]["cohort_size"] for channel, ages in by_channel.items() if 0 in ages}
    shown = sorted(sizes, key=lambda channel: (-sizes[channel], channel))[:CHANNELS]
    rates = {
        channel: share(ages[1]["purchasing_customers"], ages[1]["cohort_size"]) or 0.0
        for channel, ages in by_channel.items()
        if 1 in ages and ages[1]["cohort_size"] >= ENOUGH
    }
    if rates:
        by_rate = sorted(rates, key=lambda channel: (-rates[channel], channel))
        best, worst = by_rate[0], by_rate[-1]
        summary = t(
            "cohort.channel.summary" if len(rates) > 1 else "cohort.channel.summary_one",
            least=t.count(ENOUGH),
            best=channel_name(t, best),
            high=t.percent(rates[best]),
            worst=channel_name(t, worst),
            low=t.percent(rates[worst]),
        )
    else:
        summary = t("cohort.channel.summary_few", least=t.count(ENOUGH))

    def cell(channel: str, index: int, column: str) -> str:
        row = by_channel[channel].get(index)
        if row is None:
            return NOTHING
        if row["cohort_size"] < ENOUGH:
            return t("cohort.channel.few")
        value = share(row[column], row["cohort_size"])
        return t.money(value) if column == "value_to_date" else t.percent(value)

    months, years = (1, 3, 6), (6, 12)
    table = Table(
        [
            t("channel.channel"),
            t("cohort.channel.buyers"),
            *(t("cohort.channel.again", index=index) for index in months),
            *(t("cohort.channel.value", index=index) for index in years),
        ],
        [
            [
                channel_name(t, channel),
                t.count(sizes[channel]),
                *(cell(channel, index, "purchasing_customers") for index in months),
                *(cell(channel, index, "value_to_date") for index in years),
            ]
            for channel in shown
        ],
        frozenset(range(1, 7)),
    )
    sentences = [summary, t("cohort.channel.note", least=t.count(ENOUGH)), margin(writer)]
    return Figure("cohort-channels", title, t.together(*sentences), table=table, open_table=True)


def second_purchase(writer: Writer) -> list[str]:
    """Say how many first buyers bought again within 90 days, over the last year of those who had that long."""
    t = writer.t
    rows = comparable(writer.brand["second_purchases"])[-YEAR:]
    rate = share(sum(row["second_buyers_90d"] for row in rows), sum(row["first_buyers"] for row in rows))
    if rate is None:
        return []
    first, last = rows[0]["cohort_start"], rows[-1]["cohort_start"]
    return [t("cohort.second", first_month=t.month(first), last_month=t.month(last), rate=t.percent(rate))]
