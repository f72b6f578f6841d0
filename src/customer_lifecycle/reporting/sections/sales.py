"""Where and how often customers buy: the sales channels, and purchase frequency against the year before."""

from __future__ import annotations

from datetime import date

from customer_lifecycle.reporting.data import YEAR
from customer_lifecycle.reporting.page import Figure, Section, Table, Writer, channel_name, signed
from customer_lifecycle.reporting.source import Row
from customer_lifecycle.reporting.texts import NOTHING

# how many channels the table of the latest month has at most, and the one of all months: those of the most revenue
MOST = 24
COLUMNS = 5


def sales_section(writer: Writer) -> Section:
    """The sales channels in the latest complete month and month by month, and how often customers buy, as tables."""
    figures = [channels_figure(writer), months_figure(writer), frequency_figure(writer)]
    return Section("sales", writer.t("sales.title"), figures)


def channels_figure(writer: Writer) -> Figure:
    """Each sales channel in the latest complete month, with its share of revenue a year before."""
    t = writer.t
    rows = writer.brand["sales"]
    if not rows:
        return Figure("sales-channels", t("sales.channels.title_none"), t("sales.none"))
    start = rows[-1]["period_start"]
    latest = [row for row in rows if row["period_start"] == start]
    # revenue_drivers compares only months that lie wholly in the data
    is_whole = any(
        row["period_start"] == start and row["compared_with"] == "year_before"
        for row in writer.brand["revenue_drivers"]
    )
    year_before = date(start.year - 1, start.month, 1)
    before = {row["channel"]: row["revenue_share"] for row in rows if is_whole and row["period_start"] == year_before}
    month = t.month(start)
    top = latest[0]
    if top["revenue_share"] is None:
        summary = t("sales.channels.summary_zero", month=month)
    else:
        summary = t(
            "sales.channels.summary" if len(latest) > 1 else "sales.channels.summary_one",
            month=month,
            channel=channel_name(t, top["channel"]),
            share=t.percent(top["revenue_share"]),
            channels=t.count(len(latest)),
        )
    table = Table(
        [
            t("channel.channel"),
            t("sales.orders"),
            t("sales.buyers"),
            t("sales.first"),
            t("loyalty.order_value"),
            t("change.revenue"),
            t("loyalty.revenue"),
            t("engagement.times_before"),
        ],
        [
            [
                channel_name(t, row["channel"]),
                t.count(row["orders"]),
                t.count(row["purchasing_customers"]),
                t.count(row["first_orders"]),
                t.money(row["average_order_value"]),
                t.money(row["net_revenue"]),
                t.percent(row["revenue_share"]),
                t.percent(before.get(row["channel"])),
            ]
            for row in latest[:MOST]
        ],
        frozenset(range(1, 8)),
    )
    title = t("sales.channels.title", month=month)
    return Figure("sales-channels", title, summary, table=table, open_table=True)


def months_figure(writer: Writer) -> Figure:
    """The share of revenue of the largest sales channels, month by month."""
    t = writer.t
    title = t("sales.months.title")
    months = sorted({row["period_start"] for row in writer.brand["sales"]})[-YEAR:]
    rows = [row for row in writer.brand["sales"] if row["period_start"] in months]
    revenue: dict[str, float] = {}
    for row in rows:
        revenue[row["channel"]] = revenue.get(row["channel"], 0) + float(row["net_revenue"])
    if len(revenue) < 2 or len(months) < 2:
        key = "sales.none" if not months else "sales.months.none_channel" if len(months) > 1 else "sales.months.none"
        return Figure("sales-months", title, t(key), half=True)
    shares = {(row["channel"], row["period_start"]): row["revenue_share"] for row in rows}
    shown = sorted(revenue, key=lambda channel: (-revenue[channel], channel))[:COLUMNS]
    first, last = months[0], months[-1]
    moves = {
        channel: shares[channel, last] - shares[channel, first]
        for channel in shown
        if shares[channel, last] is not None and shares[channel, first] is not None
    }
    summary = ""
    if moves:
        moved = max(moves, key=lambda channel: abs(moves[channel]))
        summary = t(
            "sales.months.summary",
            channel=channel_name(t, moved),
            first=t.month(first),
            last=t.month(last),
            before=t.percent(shares[moved, first]),
            now=t.percent(shares[moved, last]),
        )
    rest = [channel for channel in revenue if channel not in shown]
    table = Table(
        [t("report.month"), *(channel_name(t, channel) for channel in shown), *([t("sales.others")] if rest else [])],
        [
            [
                t.month(month),
                *(t.percent(shares[channel, month]) for channel in shown),
                *([others(writer, [shares[channel, month] for channel in rest])] if rest else []),
            ]
            for month in reversed(months)
        ],
        frozenset(range(1, len(shown) + 1 + bool(rest))),
    )
    return Figure("sales-months", title, summary, table=table, half=True)


def others(writer: Writer, shares: list[float | None]) -> str:
    """Give the shares of the channels without a column of their own, as one; a dash in a month without revenue."""
    return writer.t.percent(None if None in shares else sum(share or 0 for share in shares))


def frequency_figure(writer: Writer) -> Figure:
    """Orders, buyers, orders per buyer and order value by month, each against the same month of the year before."""
    t = writer.t
    title = t("sales.frequency.title")
    rows: list[Row] = writer.brand["frequency"][-YEAR:]
    if not rows:
        return Figure("sales-frequency", title, t("sales.none"), half=True)
    label = writer.label("brand_metrics", "purchase_frequency")
    compared = [row for row in rows if row["purchase_frequency_change_yoy"] is not None]
    if compared:
        last = compared[-1]
        summary = t(
            "sales.frequency.summary",
            month=t.month(last["calendar_month"]),
            now=t.number(last["purchase_frequency"]),
            before=t.number(last["purchase_frequency_prior_year"]),
            change=signed(t, last["purchase_frequency_change_yoy"]),
        )
    else:
        summary = t("sales.frequency.summary_none")
    table = Table(
        [
            t("report.month"),
            label,
            t("engagement.times_before"),
            t("engagement.change"),
            t("sales.orders_change"),
            t("sales.buyers_change"),
            t("sales.order_value_change"),
        ],
        [
            [
                t.month(row["calendar_month"]),
                t.number(row["purchase_frequency"]),
                # without a change the two months are not comparable
                NOTHING
                if row["purchase_frequency_change_yoy"] is None
                else t.number(row["purchase_frequency_prior_year"]),
                signed(t, row["purchase_frequency_change_yoy"]),
                signed(t, row["orders_change_yoy"]),
                signed(t, row["purchasing_customers_change_yoy"]),
                signed(t, row["average_order_value_change_yoy"]),
            ]
            for row in reversed(rows)
        ],
        frozenset(range(1, 7)),
    )
    return Figure("sales-frequency", title, summary, table=table, half=True)
