"""Who the customers are: RFM segments, and acquisition channels."""

from __future__ import annotations

from datetime import date

from customer_lifecycle.reporting import charts
from customer_lifecycle.reporting.data import MONTHS, YEAR
from customer_lifecycle.reporting.page import (
    Figure,
    Section,
    Table,
    Writer,
    channel_name,
    has_spend,
    margin,
    share,
    share_bars,
    starred,
    truncated_months,
)
from customer_lifecycle.reporting.source import Row


def rfm_section(writer: Writer) -> Section:
    """The RFM segments by their share of customers and of revenue."""
    t = writer.t
    title = t("rfm.segments.title")
    rows = [row for row in writer.brand["rfm"] if row["customers"]]
    if not rows:
        return Section("rfm", t("rfm.title"), [Figure("rfm-segments", title, t("rfm.segments.none"))])
    summary = t(
        "rfm.segments.summary",
        segment=t.name("segment", rows[0]["segment"]),
        revenue=t.percent(rows[0]["revenue_share"]),
        customers=t.percent(rows[0]["share_of_customers"]),
    )
    chart, legend = share_bars(t, {t.name("segment", row["segment"]): row for row in rows}, summary, t("rfm.segment"))
    heads = ["rfm.recency", "rfm.orders", "loyalty.order_value", "rfm.predicted"]
    table = Table(
        [t("rfm.segment"), t("loyalty.number"), *(t(head) for head in heads)],
        [
            [
                t.name("segment", row["segment"]),
                t.count(row["customers"]),
                t.count(row["average_recency_days"]),
                t.number(row["average_orders"], 1),
                t.money(row["average_order_value"]),
                t.money(row["average_predicted_clv_365d"]),
            ]
            for row in rows
        ],
        frozenset(range(1, 6)),
    )
    return Section(
        "rfm", t("rfm.title"), [Figure("rfm-segments", title, summary, chart, legend, table=table, beside=True)]
    )


def channel_section(writer: Writer) -> Section:
    """Where customers come from, and whether they pay back, over the last twelve complete months."""
    t = writer.t
    title = t("channel.acquired.title")
    months = [row["period_start"] for row in writer.complete()][-YEAR:]
    sums = sum_by_channel([row for row in writer.brand["channels"] if row["period_start"] in months])
    intro = [writer.definition("acquisition_channels", "acquired_customers")]
    acquired = sum(row["acquired_customers"] for row in sums)
    if not acquired:
        return Section(
            "channels", t("channel.title"), [Figure("channel-customers", title, t("channel.acquired.none"))], intro
        )
    truncated = truncated_months(writer, writer.complete()[-YEAR:], "period_start")
    spend = sum(row["acquisition_spend"] or 0 for row in sums)
    names = {row["channel"]: channel_name(t, row["channel"]) for row in sums}
    summary = t(
        "channel.acquired.summary",
        months=t.count(len(months)),
        month=t.month(months[-1]),
        customers=t.count(acquired),
        channel=names[sums[0]["channel"]],
        top=t.count(sums[0]["acquired_customers"]),
    )
    summary = t.together(
        summary,
        (
            t("channel.acquired.spend", months=t.count(len(months)), cost=t.money(share(spend, acquired)))
            if spend
            else t("channel.acquired.no_spend")
        ),
    )
    drawn = [
        {
            "category": names[row["channel"]],
            "measure": t("channel.customers"),
            "value": row["acquired_customers"],
            "text": t.count(row["acquired_customers"]),
            "cost": t.money(share(row["acquisition_spend"] or None, row["acquired_customers"])),
        }
        for row in sums
        if row["acquired_customers"]
    ]
    legend = {t("channel.customers"): "customers"}
    titles = {"category": t("channel.channel"), "text": t("channel.customers"), "cost": t("channel.cost")}
    table = Table(
        [
            t("channel.channel"),
            t("channel.customers"),
            t("channel.spend"),
            t("channel.cost"),
            t("channel.revenue"),
            t("channel.return"),
        ],
        [
            [
                names[row["channel"]],
                t.count(row["acquired_customers"]),
                t.money(row["acquisition_spend"]),
                t.money(share(row["acquisition_spend"] or None, row["acquired_customers"])),
                t.money(row["net_revenue_to_date"]),
                t.number(share(row["net_revenue_to_date"], row["acquisition_spend"])),
            ]
            for row in sums
        ],
        frozenset(range(1, 6)),
    )
    figure = Figure(
        "channel-customers",
        title,
        summary,
        charts.bars(drawn, legend, summary, titles),
        legend,
        table=table,
        beside=True,
    )
    figures = [figure, first_year_figure(writer), payback_figure(writer)]
    return Section("channels", t("channel.title"), figures, [*intro, truncated])


def first_year_figure(writer: Writer) -> Figure:
    """What the same customers cost and brought in during their first year, by channel, as a table: of the latest twelve
    months whose new customers have all had that year."""
    t = writer.t
    title = t("channel.year.title")
    months = [row["period_start"] for row in writer.brand["metrics"] if row["ltv_365d"] is not None][-YEAR:]
    rows = [row for row in writer.brand["channels"] if row["period_start"] in months]
    every = sum_by_channel(rows)
    sums = [row for row in every if row["acquired_customers"]]
    if not sums:
        return Figure("channel-year", title, t("channel.year.none"))
    # spend of channels that won nobody is also a cost of those won
    total: Row = {
        "acquired_customers": sum(row["acquired_customers"] for row in every),
        "acquisition_spend": sum(row["acquisition_spend"] or 0 for row in every) or None,
        "first_year_value": sum(row["first_year_value"] for row in every),
    }
    value, cost, ratio = first_year_of(total)
    summary = t(
        "channel.year.summary",
        first_month=t.month(months[0]),
        last_month=t.month(months[-1]),
        value=t.money(value),
    )
    if ratio is not None:
        summary = t.together(summary, t("channel.year.cost", cost=t.money(cost), ratio=t.number(ratio, 1)))
    else:
        summary = t.together(summary, t("channel.acquired.no_spend"))
    truncated = truncated_months(writer, rows, "period_start")
    table = Table(
        [
            t("channel.channel"),
            t("channel.customers"),
            t("channel.cost"),
            writer.label("brand_metrics", "ltv_365d"),
            t("channel.ratio"),
        ],
        [
            [
                channel_name(t, row["channel"]),
                t.count(row["acquired_customers"]),
                t.money(first_year_of(row)[1]),
                t.money(first_year_of(row)[0]),
                t.number(first_year_of(row)[2], 1),
            ]
            for row in sums
        ],
        frozenset(range(1, 5)),
    )
    sentences = [summary, margin(writer), truncated]
    return Figure("channel-year", title, t.together(*sentences), table=table, open_table=True)


def payback_figure(writer: Writer) -> Figure:
    """What the customers of each month of acquisition cost and brought in during their first year, and how much of the
    spend has come back, as a table."""
    t = writer.t
    title = t("channel.months.title")
    rows = writer.complete()[-MONTHS:]
    if not has_spend(writer.brand):
        return Figure("channel-months", title, t("channel.acquired.no_spend"))
    returns = {row["period_start"]: returned_of(writer, row["period_start"]) for row in rows}
    spend = sum(row["spend"] for row in returns.values())
    if not spend:
        return Figure("channel-months", title, t("channel.acquired.no_spend"))
    judged = [row for row in rows if row["ltv_365d_to_cac"] is not None]
    summary = t(
        "channel.months.summary",
        share=t.percent(share(sum(row["returned"] for row in returns.values()), spend)),
        months=t.count(len(rows)),
    )
    if judged:
        summary = t.together(
            summary,
            t(
                "channel.months.judged",
                months=t.count(len(judged)),
                paid=t.count(sum(row["ltv_365d_to_cac"] >= 1 for row in judged)),
            ),
        )
    table = Table(
        [
            t("channel.acquired.month"),
            t("channel.customers"),
            t("channel.cost"),
            writer.label("brand_metrics", "ltv_365d"),
            t("channel.ratio"),
            t("channel.months.back"),
            t("channel.months.payback"),
        ],
        [
            [
                starred(t.month(row["period_start"]), row),
                t.count(row["acquired_customers"]),
                t.money(row["cost_per_acquisition"]),
                t.money(row["ltv_365d"]),
                t.number(row["ltv_365d_to_cac"], 1),
                t.percent(share(returns[row["period_start"]]["returned"], returns[row["period_start"]]["spend"]), 0),
                t.count(returns[row["period_start"]]["half_in_month"]),
            ]
            for row in reversed(rows)
        ],
        frozenset(range(1, 7)),
    )
    return Figure("channel-months", title, summary, table=table)


def returned_of(writer: Writer, month: date) -> Row:
    """Give how much of a month's acquisition spend has come back, channel by channel, and in which month after it half
    of the spend had, or None if it has not yet."""
    rows = [row for row in writer.brand["channels"] if row["period_start"] == month and row["acquisition_spend"]]
    total: Row = {"spend": sum(row["acquisition_spend"] for row in rows), "returned": 0, "half_in_month": None}
    paid = [row for row in rows if row["payback_months"] is not None]
    for row in sorted(paid, key=lambda row: row["payback_months"]):
        total["returned"] += row["acquisition_spend"]
        if total["half_in_month"] is None and 2 * total["returned"] >= total["spend"]:
            total["half_in_month"] = row["payback_months"]
    return total


def first_year_of(row: Row) -> tuple[float | None, float | None, float | None]:
    """Give the first-year value and the cost of a customer, and how many times over the one covers the other."""
    value = share(row["first_year_value"], row["acquired_customers"])
    cost = share(row["acquisition_spend"] or None, row["acquired_customers"])
    return value, cost, share(value, cost)


def sum_by_channel(rows: list[Row]) -> list[Row]:
    """Give the channels with their sums over the months, those that won the most customers first. The first-year value
    is complete only in months in which the brand has one."""
    sums: dict[str, Row] = {}
    for row in rows:
        total = sums.setdefault(
            row["channel"],
            {
                "channel": row["channel"],
                "acquired_customers": 0,
                "acquisition_spend": None,
                "net_revenue_to_date": 0,
                "first_year_value": 0.0,
            },
        )
        for column in ("acquired_customers", "net_revenue_to_date"):
            total[column] += row[column] or 0
        total["first_year_value"] += (row["ltv_365d"] or 0) * (row["acquired_customers"] or 0)
        # of a brand whose spend is not known every row has null
        if row["acquisition_spend"] is not None:
            total["acquisition_spend"] = (total["acquisition_spend"] or 0) + row["acquisition_spend"]
    return sorted(sums.values(), key=lambda row: (-row["acquired_customers"], row["channel"]))
