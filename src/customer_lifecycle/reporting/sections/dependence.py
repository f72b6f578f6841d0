"""Who revenue depends on: the deciles of customers, and who moves between them."""

from __future__ import annotations

from customer_lifecycle.reporting import charts
from customer_lifecycle.reporting.page import Figure, Section, Table, Writer, shade
from customer_lifecycle.reporting.sections.revenue import period_of
from customer_lifecycle.reporting.source import Row
from customer_lifecycle.reporting.texts import NOTHING

# customers without an order in the year, and those whose first order lies in it
NO_ORDER, NEW = 0, -1


def dependence_section(writer: Writer) -> Section:
    """Who revenue depends on: its share by decile of customers, and from which decile to which they moved."""
    intro = [writer.definition("value_concentration", "customers_for_half_of_revenue")]
    return Section("dependence", writer.t("base.title"), [deciles_figure(writer), moves_figure(writer)], intro)


def latest_year(rows: list[Row]) -> list[Row]:
    """Give the rows of the trailing year, or else of the latest year."""
    periods = {(row["period_grain"] == "trailing_year", row["period_start"]) for row in rows}
    if not periods:
        return []
    is_trailing, start = max(periods)
    return [
        row for row in rows if (row["period_grain"] == "trailing_year") == is_trailing and row["period_start"] == start
    ]


def deciles_figure(writer: Writer) -> Figure:
    """How much of a year's revenue each decile of customers brings, and how few make half of it."""
    t = writer.t
    rows = latest_year(writer.brand["value_deciles"])
    if not rows:
        return Figure("dependence-deciles", t("base.deciles.title_none"), t("base.deciles.none"))
    title = t("base.deciles.title", period=period_of(writer, rows[0]))
    (year,) = latest_year(writer.brand["value_concentration"])
    if rows[0]["revenue_share"] is None:
        return Figure("dependence-deciles", title, t("base.deciles.zero"))
    summary = t.together(
        t(
            "base.deciles.summary",
            half=t.count(year["customers_for_half_of_revenue"]),
            customers=t.count(year["customers"]),
            top=t.percent(rows[0]["revenue_share"]),
        ),
        t("base.deciles.gini", label=writer.label("value_concentration", "gini"), gini=t.number(year["gini"])),
    )
    drawn = [
        {
            "step": row["decile"],
            "value": round(row["revenue_share"], 6),
            "text": t.percent(row["revenue_share"], 0),
            "customers": t.count(row["customers"]),
            "amount": t.money(row["net_revenue"]),
        }
        for row in rows
    ]
    titles = {
        "step": t("clv.tenth"),
        "customers": t("clv.customers"),
        "amount": t("change.revenue"),
        "text": t("loyalty.revenue"),
    }
    table = Table(
        [
            t("clv.tenth"),
            t("clv.customers"),
            t("change.revenue"),
            t("loyalty.revenue"),
            t("base.cumulative"),
            t("rfm.orders"),
            t("loyalty.order_value"),
            t("base.recency"),
        ],
        [
            [
                t.count(row["decile"]),
                t.count(row["customers"]),
                t.money(row["net_revenue"]),
                t.percent(row["revenue_share"]),
                t.percent(row["cumulative_revenue_share"]),
                t.number(row["purchase_frequency"], 1),
                t.money(row["average_order_value"]),
                t.count(row["average_recency_days"]),
            ]
            for row in rows
        ],
        frozenset(range(1, 8)),
    )
    chart = charts.columns(drawn, "revenue", summary, titles, t("clv.tenths.x"))
    return Figure("dependence-deciles", title, summary, chart, table=table)


def moves_figure(writer: Writer) -> Figure:
    """From which decile of the year before customers moved to which, as a heat map."""
    t = writer.t
    rows = latest_year(writer.brand["decile_migration"])
    if not rows:
        return Figure("dependence-moves", t("base.moves.title_none"), t("base.moves.none"))
    shares = {(row["from_decile"], row["to_decile"]): row["share_of_from"] for row in rows}
    counts = {(row["from_decile"], row["to_decile"]): row["customers"] for row in rows}
    deciles = [number for number in sorted({row["to_decile"] for row in rows}) if number > NO_ORDER]
    befores = [number for number in (*deciles, NO_ORDER, NEW) if any((number, after) in counts for after in deciles)]
    afters = [*deciles, NO_ORDER]
    title = t("base.moves.title", period=period_of(writer, rows[0]))
    summary = t("base.moves.mean")
    if shares.get((1, 1)) is not None:
        summary = t.together(
            t(
                "base.moves.summary",
                stay=t.count(counts[1, 1]),
                stay_share=t.percent(shares[1, 1]),
                gone=t.count(counts[1, NO_ORDER]),
                gone_share=t.percent(shares[1, NO_ORDER]),
            ),
            summary,
        )
    rows_of = {NO_ORDER: t("base.no_order"), NEW: t("base.new")}
    names = {number: rows_of.get(number) or t("base.decile", decile=t.count(number)) for number in befores}
    columns = {number: t.count(number) if number != NO_ORDER else NOTHING for number in afters}
    highest = max(share or 0 for share in shares.values())
    drawn = [
        {
            "row": names[before],
            "column": columns[after],
            "shade": shade(share, highest),
            "text": t.number(100 * share, 0),
            "share": t.percent(share),
            "customers": t.count(counts[before, after]),
        }
        for before in befores
        for after in afters
        if (share := shares.get((before, after))) is not None
    ]
    titles = {
        "row": t("base.moves.y"),
        "column": t("base.moves.x"),
        "share": t("clv.share"),
        "customers": t("clv.customers"),
    }
    table = Table(
        [t("base.moves.y"), *(columns[number] for number in deciles), rows_of[NO_ORDER]],
        [
            [
                names[before],
                *(
                    f"{t.percent(shares[before, after])} ({t.count(counts[before, after])})"
                    if (before, after) in counts
                    else ""
                    for after in afters
                ),
            ]
            for before in befores
        ],
        frozenset(range(1, len(afters) + 1)),
    )
    chart = charts.heat_map(drawn, summary, titles, t("base.moves.x"))
    return Figure("dependence-moves", title, summary, chart, scale=t("base.moves.legend"), table=table)
