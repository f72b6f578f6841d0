"""How many stay, and do they come back: the bridge, the churn rate, and cohorts."""

from __future__ import annotations

from customer_lifecycle.reporting import charts
from customer_lifecycle.reporting.data import MONTHS, YEAR
from customer_lifecycle.reporting.page import Figure, Section, Table, Writer, shade, share
from customer_lifecycle.reporting.source import Row

BRIDGE = {
    "start": "customers_at_start",
    "lost": "lost_customers",
    "new": "new_customers",
    "back": "reactivated_customers",
    "end": "customers_at_end",
}


def bridge_section(writer: Writer) -> Section:
    """How many stay: one month's bridge, customers won and lost, and the churn rate."""
    t = writer.t
    rows = writer.complete()[-MONTHS:]
    intro = [t("bridge.intro")]
    if not rows:
        figures = [Figure("bridge-gains", t("bridge.gains.title"), t("bridge.none"))]
        return Section("bridge", t("bridge.title"), figures, intro)
    names = {name: t(f"bridge.{name}") for name in ("start", "lost", "new", "back", "end")}
    table = Table(
        [t("report.month"), *names.values(), writer.label("brand_metrics", "churn_rate")],
        [
            [
                t.month(row["period_start"]),
                *(t.count(row[column]) for column in BRIDGE.values()),
                t.percent(row["churn_rate"]),
            ]
            for row in reversed(rows)
        ],
        frozenset(range(1, 7)),
    )
    return Section(
        "bridge",
        t("bridge.title"),
        [bridge_figure(writer, rows[-1], names), gains_figure(writer, rows, names, table), churn_figure(writer, rows)],
        intro,
    )


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
    return Figure("bridge-month", t("bridge.month.title", month=month), summary, chart, half=True)


def gains_figure(writer: Writer, rows: list[Row], names: dict[str, str], table: Table) -> Figure:
    """Customers won and won back above the line, lost ones below it."""
    t = writer.t
    # the kind next to the line comes first
    kinds = {"new": ("gain", 1), "back": ("again", 1), "lost": ("loss", -1)}
    drawn = [
        {
            "month": t.month(row["period_start"]),
            "kind": names[kind],
            "value": sign * row[BRIDGE[kind]],
            "order": order,
            "text": t.count(row[BRIDGE[kind]]),
        }
        for row in rows
        for order, (kind, (_, sign)) in enumerate(kinds.items())
    ]
    worst = max(rows, key=lambda row: row["lost_customers"])
    summary = t(
        "bridge.gains.summary",
        months=t.count(len(rows)),
        month=t.month(rows[-1]["period_start"]),
        won=t.count(sum(row["new_customers"] + row["reactivated_customers"] for row in rows)),
        lost=t.count(sum(row["lost_customers"] for row in rows)),
        worst_month=t.month(worst["period_start"]),
        worst=t.count(worst["lost_customers"]),
    )
    legend = {names[kind]: colour for kind, (colour, _) in kinds.items()}
    titles = {"month": t("report.month"), "kind": t("bridge.step"), "text": t("stage.customers")}
    chart = charts.stacked_months(drawn, legend, summary, titles)
    return Figure("bridge-gains", t("bridge.gains.title"), summary, chart, legend, table=table, half=True)


def churn_figure(writer: Writer, rows: list[Row]) -> Figure:
    """The churn rate by month, with the threshold of its alert."""
    t = writer.t
    known = [row for row in rows if row["churn_rate"] is not None]
    title = t("bridge.churn.title")
    if not known:
        return Figure("bridge-churn", title, t("bridge.churn.none"))
    drawn = [
        {
            "month": t.month(row["period_start"]),
            "value": round(row["churn_rate"], 6),
            "text": t.percent(row["churn_rate"]),
        }
        for row in known
    ]
    last, earlier = known[-1], known[:-1]
    values = {"month": t.month(last["period_start"]), "churn": t.percent(last["churn_rate"])}
    summary = (
        t(
            "bridge.churn.summary",
            **values,
            months=t.count(len(earlier)),
            mean=t.percent(sum(row["churn_rate"] for row in earlier) / len(earlier)),
        )
        if earlier
        else t("bridge.churn.summary_first", **values)
    )
    setting = writer.brand.settings.get("alerts.churn_rate_high.churn_rate")
    threshold = float(setting) if setting else None
    label = writer.label("brand_metrics", "churn_rate")
    legend = {label: "loss"}
    if threshold is not None:
        legend[t("bridge.churn.threshold", threshold=t.percent(threshold))] = "soft"
    chart = charts.monthly_line(drawn, threshold, summary, {"month": t("report.month"), "text": label})
    return Figure("bridge-churn", title, summary, chart, legend)


def cohort_section(writer: Writer) -> Section:
    """Do they come back: the share of each month's first buyers that bought again in later months."""
    t = writer.t
    starts = sorted({row["cohort_start"] for row in writer.brand["cohorts"] if row["cohort_size"]})[-MONTHS:]
    rows = [row for row in writer.brand["cohorts"] if row["cohort_start"] in starts]
    intro = [writer.definition("cohort_retention", "retention_rate")]
    title = t("cohort.heat.title")
    if not rows:
        return Section("cohorts", t("cohort.title"), [Figure("cohort-heat", title, t("cohort.none"))], intro)
    highest = max(row["retention_rate"] for row in rows)
    names = {row["cohort_start"]: f"{t.month(row['cohort_start'])} ({t.count(row['cohort_size'])})" for row in rows}
    drawn = [
        {
            "row": names[row["cohort_start"]],
            "column": row["period_index"],
            "shade": shade(row["retention_rate"], highest),
            "text": t.number(100 * row["retention_rate"], 0),
            "share": t.percent(row["retention_rate"]),
            "customers": t.count(row["purchasing_customers"]),
        }
        for row in rows
    ]
    firsts = {row["cohort_start"]: row for row in rows if row["period_index"] == 1}
    low, high = (choose(firsts.values(), key=lambda row: row["retention_rate"]) for choose in (min, max))
    first = share(
        sum(row["purchasing_customers"] for row in firsts.values()), sum(row["cohort_size"] for row in firsts.values())
    )
    summary = t(
        "cohort.heat.summary" if len(firsts) > 1 else "cohort.heat.summary_flat",
        first=t.percent(first),
        low=t.percent(low["retention_rate"]),
        low_month=t.month(low["cohort_start"]),
        high=t.percent(high["retention_rate"]),
        high_month=t.month(high["cohort_start"]),
    )
    titles = {
        "row": t("cohort.cohort"),
        "column": t("cohort.index"),
        "share": t("cohort.rate"),
        "customers": t("cohort.customers"),
    }
    chart = charts.heat_map(drawn, summary, titles, t("cohort.heat.x"))
    cells = {(row["cohort_start"], row["period_index"]): t.percent(row["retention_rate"], 0) for row in rows}
    indexes = sorted({row["period_index"] for row in rows})
    table = Table(
        [t("cohort.heat.y"), *(f"+{index}" for index in indexes)],
        [[names[start], *(cells.get((start, index), "") for index in indexes)] for start in names],
        frozenset(range(1, len(indexes) + 1)),
    )
    scale = t("cohort.legend")
    return Section(
        "cohorts",
        t("cohort.title"),
        [Figure("cohort-heat", title, summary, chart, scale=scale, table=table)],
        intro + second_purchase(writer),
    )


def second_purchase(writer: Writer) -> list[str]:
    """Say how many first buyers bought again within 90 days, over the last year of those who had that long."""
    t = writer.t
    rows = writer.brand["second_purchases"][-YEAR:]
    rate = share(sum(row["second_buyers_90d"] for row in rows), sum(row["first_buyers"] for row in rows))
    if rate is None:
        return []
    first, last = rows[0]["cohort_start"], rows[-1]["cohort_start"]
    return [t("cohort.second", first_month=t.month(first), last_month=t.month(last), rate=t.percent(rate))]
