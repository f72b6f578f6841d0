"""Who the customers are: RFM segments, and acquisition channels."""

from __future__ import annotations

from customer_lifecycle.reporting import charts
from customer_lifecycle.reporting.data import YEAR
from customer_lifecycle.reporting.page import Figure, Section, Table, Writer, share, share_bars
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
    spend = sum(row["acquisition_spend"] or 0 for row in sums)
    names = {row["channel"]: t("channel.unknown") if row["channel"] == "unknown" else row["channel"] for row in sums}
    summary = t(
        "channel.acquired.summary",
        months=t.count(len(months)),
        month=t.month(months[-1]),
        customers=t.count(acquired),
        channel=names[sums[0]["channel"]],
        top=t.count(sums[0]["acquired_customers"]),
    )
    summary += " " + (
        t("channel.acquired.spend", cost=t.money(share(spend, acquired))) if spend else t("channel.acquired.no_spend")
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
    return Section("channels", t("channel.title"), [figure], intro)


def sum_by_channel(rows: list[Row]) -> list[Row]:
    """Give the channels with their sums over the months, those that won the most customers first."""
    sums: dict[str, Row] = {}
    for row in rows:
        total = sums.setdefault(
            row["channel"],
            {"channel": row["channel"], "acquired_customers": 0, "acquisition_spend": None, "net_revenue_to_date": 0},
        )
        for column in ("acquired_customers", "net_revenue_to_date"):
            total[column] += row[column] or 0
        # of a brand whose spend is not known every row has null
        if row["acquisition_spend"] is not None:
            total["acquisition_spend"] = (total["acquisition_spend"] or 0) + row["acquisition_spend"]
    return sorted(sums.values(), key=lambda row: (-row["acquired_customers"], row["channel"]))
